/** What must hold when all requests have ended, in whatever order their table calls met. */
import { isDeepStrictEqual } from "node:util";
import type { Ending, Kind } from "./interleavings.ts";
import { START } from "./process.ts";
import type { Process, Visited } from "./process.ts";

/** What is left to ask. Each question goes through the front door: a request with a cookie. */
export interface Aftermath {
  readonly process: Process;
  /** The cookie that was current when they began. */
  readonly first: string;
  /** The public id that the session had then. */
  readonly firstId: string;
  /** The public ids that ended by a renewal, as events named them. */
  readonly endedIds: readonly string[];
  /** One that `renewEvery` had issued before that, and nobody had presented. */
  readonly next: string | undefined;
  /** Whether a next token was presented, and put in force. */
  readonly presented: boolean;
  /** Who was signed in when they began. */
  readonly user: string | undefined;
  readonly ended: readonly Ending[];
  /** Lets `renewGrace` pass. */
  endGrace(): void;
}

/** Gives what is broken. */
export async function judge(aftermath: Aftermath): Promise<readonly string[]> {
  const court = new Court(aftermath);
  court.judgeErrors();
  if (court.dropped) await court.judgeLogOut();
  else await court.judgeUpdates();
  await court.judgeLogIns();
  await court.judgeIds();
  if (court.dropped) return court.faults;
  if (court.renewed) await court.judgeRenewal(court.renewed);
  else await court.judgeRotation();
  return court.faults;
}

class Court {
  readonly faults: string[] = [];
  readonly #aftermath: Aftermath;
  /** Requests that did what they were for. */
  readonly #done: readonly Ending[];
  readonly dropped: boolean;
  /** The cookie of the request that renewed because it was asked to, or because of the subject. */
  readonly renewed: string | undefined;
  /** The request that ended the subject. */
  readonly #end: Ending | undefined;
  /** The tokens that these requests got from `renewEvery`, in one round. */
  readonly #round: readonly string[];
  /** All tokens of the session that `renewEvery` has issued, the newest round first. */
  readonly #issued: readonly string[];

  constructor(aftermath: Aftermath) {
    const { ended, first, next } = aftermath;
    this.#aftermath = aftermath;
    this.#done = ended.filter(({ error, stopped }) => error === undefined && !stopped);
    this.dropped = ended.some(({ dropped }) => dropped);
    const same = this.#done.filter(({ cookie }) => cookie && isSameSession(cookie, first));
    const renewals = same.filter((ending) => this.#isRenewal(ending));
    if (renewals.length > 1) this.#fault("renewed twice from one token");
    this.renewed = renewals[0]?.cookie;
    this.#end = renewals.find(({ kind }) => aftermath.user !== undefined && isEnd(kind));
    this.#round = same
      .filter((ending) => !this.#isRenewal(ending))
      .map(({ cookie }) => cookie ?? "");
    this.#issued = next === undefined ? this.#round : [...this.#round, next];
  }

  judgeErrors(): void {
    const { ended, user } = this.#aftermath;
    for (const { error, kind } of ended) {
      const allowed =
        error === undefined || (error === "ERR_SESSION_CONFLICT" && user !== undefined);
      if (!allowed) this.#fault(`${kind} failed with ${error}`);
    }
  }

  /** Log-out wins: no cookie ever issued for the session reads anything. */
  async judgeLogOut(): Promise<void> {
    for (const cookie of this.#everIssued()) {
      if (await this.#opens(cookie)) this.#fault("a dropped session reads");
    }
  }

  /** Nothing that was acknowledged is lost, as long as the session lives. */
  async judgeUpdates(): Promise<void> {
    const { ended, first, user } = this.#aftermath;
    if (this.#end) return this.judgeEnd(this.#end);
    const data = await this.#read(this.renewed ?? first);
    const adds = this.#count("add") + this.#count("switch");
    if (data["n"] !== START + adds) this.#fault(`${adds} increments gave ${String(data["n"])}`);
    if (data["language"] !== START + this.#count("carried")) this.#fault("lost update");
    for (const { kind, id, cookie } of this.#done) {
      const puts = kind === "put" || kind === "leave" || kind === "lostput";
      if (puts && data[`k${id}`] !== 1) this.#fault("lost put");
      const isOurs = cookie !== undefined && cookie === this.renewed;
      if (kind === "stepup" && data["sudo"] !== true && isOurs) this.#fault("lost step-up");
    }
    const drops = ended.some(({ kind }) => ends(kind, user));
    if (drops && !ended.some(({ kind }) => isEnd(kind))) this.#fault("a log-out was lost");
  }

  /** The next subject has nothing of the one before but for `carry`, whoever has written before that or after it. */
  async judgeEnd({ kind, id, cookie = "" }: Ending): Promise<void> {
    const own = {
      ...(kind === "leave" ? { [`k${id}`]: 1 } : { user: `u${id}` }),
      ...(kind === "switch" && { n: 1 }),
      language: START + this.#count("carried"),
    };
    const data = await this.#read(cookie);
    if (!isDeepStrictEqual({ ...data }, own)) {
      this.#fault("a session holds what the subject before it has left");
    }
    if ((await this.#note(cookie)) !== undefined) this.#fault("a message outlived its subject");
  }

  /** Whichever answer to a double click on log-in the browser keeps, it is signed in. */
  async judgeLogIns(): Promise<void> {
    const { ended, first, user } = this.#aftermath;
    for (const { kind, id, cookie, stopped, error } of ended) {
      if ((kind !== "login" && kind !== "switch") || error !== undefined) continue;
      if (stopped && user === undefined && !this.dropped) this.#fault("a log-in was stopped");
      if (!cookie || (this.dropped && isSameSession(cookie, first))) continue;
      const data = await this.#read(cookie);
      if (data["user"] !== `u${id}`) this.#fault("a log-in's cookie does not read its user");
      if (!isSameSession(cookie, first) && user !== undefined && data["seed"]) {
        this.#fault("a copy of somebody's session was made");
      }
    }
  }

  /** Who renews gives the id that it has shown; who was renewed away keeps the id of before, and sees no other. */
  async judgeIds(): Promise<void> {
    const { first, firstId, endedIds } = this.#aftermath;
    const given = this.#done.filter((ending) => this.#isRenewal(ending) && ending.cookie);
    if (new Set([firstId, ...given.map(({ shown }) => shown)]).size <= given.length) {
      this.#fault("two renewals gave one id");
    }
    for (const { cookie = "", shown } of given) {
      const isEnded = this.dropped && isSameSession(cookie, first);
      if (!isEnded && (await this.#idOf(cookie)) !== shown) {
        this.#fault("a renewal gave another id than its request has shown");
      }
    }
    const expected = this.renewed === undefined ? [] : [firstId];
    if (String(endedIds) !== String(expected)) this.#fault("an event named another id");
    if (this.dropped) return;
    if ((await this.#idOf(first)) !== firstId)
      this.#fault("a token shows an id that is not its own");
    for (const cookie of this.#issued) {
      const isRetired = this.renewed !== undefined;
      if ((await this.#idOf(cookie)) !== firstId && !isRetired) {
        this.#fault("renewEvery changed the id");
      }
      if (isRetired && (await this.#idOf(cookie)) === (await this.#idOf(this.renewed))) {
        this.#fault("a retired token shows the new id");
      }
    }
  }

  /** A renewal is never undone; a retired token writes nothing, and reads nothing after its grace. */
  async judgeRenewal(current: string): Promise<void> {
    const before = JSON.stringify(await this.#read(current));
    const retired = this.#everIssued().filter((cookie) => cookie !== current);
    for (const cookie of retired) {
      if ((await this.#write(cookie)).cookie) this.#fault("a retired token got a cookie");
      if (JSON.stringify(await this.#read(current)) !== before) {
        this.#fault("a retired token wrote");
      }
    }
    this.#aftermath.endGrace();
    for (const cookie of retired) {
      if (await this.#opens(cookie)) this.#fault("a retired token outlived its grace");
    }
    if (!(await this.#opens(current))) this.#fault("the renewed token does not read");
  }

  /** What renews by itself takes nothing away: whatever the browser may hold opens the session for writing. */
  async judgeRotation(): Promise<void> {
    const { ended, first, presented } = this.#aftermath;
    if (ended.some(({ kind, stopped }) => stopped !== (kind === "lostrenewal"))) {
      this.#fault("a request was stopped for nothing");
    }
    const isDue = ended.some(({ kind }) => kind === "auto") && !presented;
    const there = ended.filter(({ kind }) => !isLost(kind));
    if (isDue && this.#round.length < there.length) {
      this.#fault("a request got no token of its own");
    }
    for (const cookie of this.#everIssued()) {
      const mark = cookie.slice(-8);
      const { cookie: sent } = await this.#write(cookie, mark);
      if (sent) this.#fault("a cookie was sent that is not due");
      if ((await this.#read(cookie))[mark] !== 1)
        this.#fault("a token that nobody retired does not write");
    }
    const [newest] = this.#issued;
    const isFormer = presented || newest !== undefined;
    this.#aftermath.endGrace();
    if (isFormer && (await this.#opens(first))) this.#fault("a former token outlived its grace");
    if (!(await this.#opens(newest ?? first))) this.#fault("the newest token does not read");
    // The answers of one page come in any order, so that the browser may hold any of them.
    for (const cookie of this.#round) {
      if (!(await this.#opens(cookie))) this.#fault("a token of the same round was taken away");
    }
  }

  #everIssued(): readonly string[] {
    const { first } = this.#aftermath;
    return [...(this.renewed ? [this.renewed] : []), ...this.#issued, first];
  }

  /** How many requests of a kind were committed to the session that they had in common. */
  #count(kind: Kind): number {
    const { first } = this.#aftermath;
    const own = (cookie: string | undefined): boolean => !cookie || isSameSession(cookie, first);
    return this.#done.filter((each) => each.kind === kind && own(each.cookie)).length;
  }

  #isRenewal({ kind }: Ending): boolean {
    if (kind === "leave") return this.#aftermath.user !== undefined;
    return kind === "login" || kind === "stepup" || kind === "switch";
  }

  #fault(text: string): void {
    this.faults.push(text);
  }

  async #opens(cookie: string): Promise<boolean> {
    return Object.keys(await this.#read(cookie)).length > 0;
  }

  async #read(cookie: string): Promise<Record<string, unknown>> {
    const { result } = await this.#aftermath.process.visit(cookie, (session) => {
      const data = session.get() as Record<string, unknown>;
      session.configure("ignore", true);
      return data;
    });
    return result as Record<string, unknown>;
  }

  async #note(cookie: string): Promise<unknown> {
    const { result } = await this.#aftermath.process.visit(cookie, (session) => {
      const note: unknown = session.flash("note");
      session.configure("ignore", true);
      return note;
    });
    return result;
  }

  async #idOf(cookie: string | undefined): Promise<string> {
    const { shown } = await this.#aftermath.process.visit(cookie ?? "", (session) =>
      session.configure("ignore", true),
    );
    return shown;
  }

  #write(cookie: string, key = "evil"): Promise<Visited> {
    return this.#aftermath.process.visit(cookie, (session) => session.put(key, 1));
  }
}

/** Whether a request of this kind ends the session, as long as the session is still the same user's. */
function ends(kind: Kind, user: string | undefined): boolean {
  if (kind === "lostout") return user !== undefined;
  return kind === "drop" || kind === "lostdrop" || kind === "lostpassword";
}

function isLost(kind: Kind): boolean {
  return kind.startsWith("lost");
}

/** Whether such a request ends the subject, if there is one. */
function isEnd(kind: Kind): boolean {
  return kind === "login" || kind === "switch" || kind === "leave";
}

function isSameSession(a: string, b: string): boolean {
  return handleOf(a) === handleOf(b);
}

function handleOf(cookie: string): string {
  return Buffer.from(cookie, "base64url").toString("base64url", 0, 16);
}
