/**
 * Explores every order in which the table calls of several requests can meet, with the real store over a real
 * table. Each request runs in a process of its own (its own `createSessions`), so that nothing but the table
 * keeps them apart.
 */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { SessionEvents } from "../../../src/core/events.ts";
import type { HostSession } from "../../../src/core/request/host-session.ts";
import type { RequestSession } from "../../../src/core/request/session.ts";
import type { Awaitable } from "../../../src/core/awaitable.ts";
import type { SessionTable } from "../../../src/core/store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import type { Secret } from "../../../src/crypto/secret.ts";
import { judge } from "./laws.ts";
import { GRACE, START, processOver } from "./process.ts";
import type { ProcessSettings } from "./process.ts";

/** Seconds. */
const EVERY = 300;

/**
 * What a request does between its load and its commit. Where an `auto` is among them, a next token is due for every
 * one; a `present` brings a next token that nobody has presented, all others the current one.
 */
export const KINDS = ["put", "add", "touch", "drop", "login", "stepup", "auto", "present"] as const;
/**
 * What a request does whose client has gone by its commit: it writes, logs out, takes the subject away, asks for a
 * renewal, or asks for one after it has revoked the other sessions, as a new password does.
 */
export const LOST = ["lostput", "lostdrop", "lostout", "lostrenewal", "lostpassword"] as const;
export type Kind = (typeof KINDS)[number] | (typeof LOST)[number] | (typeof ENDS)[number];

/**
 * Requests that end the subject, or that meet one that does: an update from before another user's log-in, a subject that
 * is deleted, an update of the key that `carry` names.
 */
export const ENDS = ["switch", "leave", "carried", "add", "login", "stepup", "drop"] as const;

/** For tables where a call takes a while. All threes are explored over the memory table. */
export const PAIRS: readonly (readonly Kind[])[] = KINDS.flatMap((a, i) =>
  KINDS.slice(i).map((b) => [a, b] as const),
);
/** One for each law: no lost update, log-out wins, renew once, a retired token, the double click, the next token. */
export const THREES: readonly (readonly Kind[])[] = [
  ["add", "add", "put"],
  ["drop", "add", "touch"],
  ["drop", "stepup", "put"],
  ["drop", "login", "touch"],
  ["login", "login", "add"],
  ["stepup", "stepup", "add"],
  ["login", "stepup", "put"],
  ["drop", "drop", "stepup"],
  ["auto", "auto", "add"],
  ["auto", "auto", "auto"],
  ["auto", "present", "put"],
  ["drop", "auto", "present"],
  ["stepup", "auto", "present"],
  ["login", "present", "add"],
];

/** A client that has gone, beside everything else; two whose renewals come to nothing would call no table. */
export const GONE: readonly (readonly Kind[])[] = [
  ...LOST.flatMap((lost, i) =>
    [...KINDS, ...LOST.slice(i)].map((kind) => [lost, kind] as const),
  ).filter((kinds) => !kinds.every((kind) => kind === "lostrenewal")),
  ["lostput", "stepup", "auto"],
  ["lostpassword", "stepup", "put"],
  ["lostpassword", "login", "add"],
  ["lostpassword", "auto", "present"],
  ["lostdrop", "login", "stepup"],
  ["lostrenewal", "stepup", "add"],
];

/** Counts what was explored, by what it is about. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(kinds: readonly Kind[], runs: number): void {
    const topics = ["all"];
    if (kinds.some((kind) => kind === "login" || kind === "stepup")) {
      topics.push("ids (retired view, double renewal)");
    }
    if (kinds.some(isLost)) topics.push("the client that has gone");
    for (const topic of topics) this.#counts.set(topic, (this.#counts.get(topic) ?? 0) + runs);
  }

  toString(): string {
    return [...this.#counts].map(([topic, runs]) => `${topic} ${runs}`).join(", ");
  }
}

export function isLost(kind: Kind): boolean {
  return (LOST as readonly Kind[]).includes(kind);
}

/** Each way in which a subject ends, beside each request that another user must not inherit from. */
export const END_PAIRS: readonly (readonly Kind[])[] = (
  ["switch", "leave", "login"] as const
).flatMap((end) => ENDS.map((other) => [end, other] as const));
/** The log-in over another user's session between two writers, two log-ins, a log-out. */
export const END_THREES: readonly (readonly Kind[])[] = [
  ["switch", "carried", "add"],
  ["leave", "carried", "add"],
  ["switch", "leave", "carried"],
  ["switch", "stepup", "carried"],
  ["switch", "leave", "drop"],
];

/** How a request ended. */
export interface Ending {
  readonly kind: Kind;
  readonly id: number;
  /** The cookie value of the answer: text, `""` for a clearing one, `undefined` for none. */
  readonly cookie: string | undefined;
  readonly error: string | undefined;
  readonly stopped: boolean;
  /** Whether it has ended the session. */
  readonly dropped: boolean;
  /** The public id that the request showed before its commit. */
  readonly shown: string | undefined;
}

/** One table call that waits for its turn. */
interface Waiting {
  readonly run: () => Promise<void>;
}

/** The length of a handle, which is the key of a session's row. */
const HANDLE = 22;

export type Turn = <T>(call: () => Awaitable<T>) => Awaitable<T>;

/**
 * The rows of sessions in one table, each call in its `turn`; those of subjects in another, at once: who may do what to
 * a session does not depend on them, and they would multiply the orders by hundreds. Their own races are explored in
 * `subject-races.ts`.
 */
export function apart(
  table: SessionTable,
  subjects: SessionTable,
  turn: Turn = (call) => call(),
): SessionTable {
  const on = <T>(key: string, call: (table: SessionTable) => Awaitable<T>): Awaitable<T> =>
    key.length === HANDLE ? turn(() => call(table)) : call(subjects);
  return {
    get: (key) => on(key, (rows) => rows.get(key)),
    insert: (key, row, now) => on(key, (rows) => rows.insert(key, row, now)),
    replace: (key, version, row, now) => on(key, (rows) => rows.replace(key, version, row, now)),
    touch: (key, version, at, now) => on(key, (rows) => rows.touch(key, version, at, now)),
    delete: (...args) => on(args[0], (rows) => rows.delete(...args)),
  };
}

/** Lets each call wait until the explorer picks it. */
class Turnstile {
  waiting: Waiting | undefined;

  readonly turn: Turn = <T>(call: () => Awaitable<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      this.waiting = {
        run: async () => {
          this.waiting = undefined;
          await Promise.resolve(call()).then(resolve, reject);
        },
      };
    });
}

type Act = (session: RequestSession, id: number, host: HostSession) => void;

const HANDLERS: Record<Kind, Act> = {
  put: (session, id) => void session.put(`k${id}`, 1),
  add: (session) => void session.update("n", (n) => Number(n ?? 0) + 1),
  touch: (session) => void session.get("user"),
  drop: (session) => void session.drop(),
  login: (session, id) => void session.renew().put("user", `u${id}`),
  stepup: (session) => void session.renew().put("sudo", true),
  auto: (session) => void session.get("user"),
  present: (session) => void session.get("user"),
  lostput: (session, id) => void session.put(`k${id}`, 1),
  lostdrop: (session) => void session.drop(),
  lostout: (session) => void session.delete("user"),
  lostrenewal: (session) => void session.renew().put("sudo", true),
  lostpassword: (session, _id, host) => {
    host.spare(); // what `revoke` with `except` does to this request's session
    session.renew();
  },
  switch: (session, id) =>
    void session.update("n", (n) => Number(n ?? 0) + 1).put("user", `u${id}`),
  leave: (session, id) => void session.put(`k${id}`, 1).delete("user"),
  carried: (session) => void session.update("language", (n) => Number(n ?? 0) + 1),
};

/** The secrets of two processes, one of which the rotation has reached. */
export interface TwoSecrets {
  readonly two: readonly [Secret, Secret];
}

function isTwo(secrets: Secret | TwoSecrets): secrets is TwoSecrets {
  return typeof secrets === "object" && "two" in secrets;
}

/** What the orders of one set of requests came to. */
export interface Explored {
  readonly runs: number;
  readonly violations: readonly string[];
}

/**
 * Runs the requests in every order of their table calls.
 * @param user who is signed in when they start; `undefined` for an anonymous session
 * @param secret of all processes, if the rows are to be sealed; of two, every second process has the second one
 */
export async function explore(
  table: SessionTable,
  kinds: readonly Kind[],
  user: string | undefined,
  secret?: Secret | TwoSecrets,
): Promise<Explored> {
  const violations: string[] = [];
  let runs = 0;
  const todo: number[][] = [[]];
  for (let order = todo.pop(); order; order = todo.pop()) {
    const { branches, faults } = await run(table, kinds, user, order, secret);
    runs++;
    for (const fault of faults) violations.push(`${fault} [${user}: ${kinds.join(" || ")}]`);
    todo.push(...branches);
  }
  return { runs, violations };
}

/** One run: follows `order`, then always picks the first; gives the orders that branch off behind `order`. */
async function run(
  table: SessionTable,
  kinds: readonly Kind[],
  user: string | undefined,
  order: readonly number[],
  secrets: Secret | TwoSecrets,
) {
  const [secret, other] = isTwo(secrets) ? secrets.two : [secrets, secrets];
  let time = 1_000_000;
  const now = (): number => time;
  const subjects = createTable();
  const wait = (seconds: number): void => void (time += seconds * 1000);
  const outside = processOver(apart(table, subjects), { now, secret });
  const start = await outside.visit("", (session) => {
    session.put("seed", 1).put("n", START).put("language", START);
    session.flash("note", "from before");
    if (user) session.put("user", user);
  });
  const first = start.cookie ?? "";
  wait(EVERY); // so that a look is worth a touch
  const next = kinds.includes("present")
    ? await issueNext(apart(table, subjects), { now, secret }, first)
    : undefined;
  if (next) wait(EVERY);

  const stops = new Set<string>();
  const onStop = (): void => void stops.add(String(running));
  const drops = new Set<string>();
  const onDrop = (): void => void drops.add(String(running));
  const endedIds: string[] = [];
  const onRenew = (event: unknown): void => {
    const { reason, endedId } = event as SessionEvents["renew"];
    if (reason !== "interval" && endedId !== undefined) endedIds.push(endedId);
  };
  let presented = false;
  const onRetire = (): void => void (presented = true);
  let running = -1;
  const turnstiles = kinds.map(() => new Turnstile());
  const endings: (Ending | undefined)[] = kinds.map(() => undefined);
  kinds.forEach((kind, id) => {
    const turnstile = turnstiles[id] as Turnstile;
    const renewEvery = kinds.includes("auto") ? EVERY : undefined;
    const rows = apart(table, subjects, turnstile.turn);
    const mine = id % 2 === 0 ? secret : other;
    const process = processOver(rows, { now, secret: mine, renewEvery });
    const cookie = kind === "present" ? (next ?? "") : first;
    void process
      .visit(cookie, (session, host) => HANDLERS[kind](session, id, host), isLost(kind))
      .then(
        ({ cookie, shown }) =>
          (endings[id] = {
            kind,
            id,
            cookie,
            error: undefined,
            stopped: stops.has(`${id}`),
            dropped: drops.has(`${id}`),
            shown,
          }),
        (error: { code?: string }) =>
          (endings[id] = {
            kind,
            id,
            cookie: undefined,
            error: error.code ?? String(error),
            stopped: false,
            dropped: false,
            shown: undefined,
          }),
      );
  });

  subscribe("sojourn:stop", onStop);
  subscribe("sojourn:drop", onDrop);
  subscribe("sojourn:retire", onRetire);
  subscribe("sojourn:renew", onRenew);
  const taken: number[] = [];
  const branches: number[][] = [];
  for (;;) {
    await settled(turnstiles, endings);
    const ready = turnstiles.flatMap(({ waiting }, id) => (waiting ? [id] : []));
    if (ready.length === 0) break;
    const [fallback = 0, ...others] = ready;
    const pick = order[taken.length] ?? fallback;
    if (taken.length >= order.length) branches.push(...others.map((id) => [...taken, id]));
    taken.push(pick);
    running = pick;
    await turnstiles[pick]?.waiting?.run();
    await settled(turnstiles, endings);
  }
  unsubscribe("sojourn:stop", onStop);
  unsubscribe("sojourn:drop", onDrop);
  unsubscribe("sojourn:retire", onRetire);
  unsubscribe("sojourn:renew", onRenew);

  const ended = endings.filter((ending) => ending !== undefined);
  const faults = await judge({
    process: outside,
    first,
    firstId: start.shown,
    endedIds,
    next,
    presented,
    user,
    ended,
    endGrace: () => wait(GRACE),
  });
  return { branches, faults };
}

/** The cookie of a next token. */
async function issueNext(
  table: SessionTable,
  settings: ProcessSettings,
  cookie: string,
): Promise<string | undefined> {
  const process = processOver(table, { ...settings, renewEvery: EVERY });
  return (await process.visit(cookie, (session) => session.get("user"))).cookie;
}

/** Waits until every request stands at the table or has ended. */
async function settled(
  turnstiles: readonly Turnstile[],
  endings: readonly unknown[],
): Promise<void> {
  const underway = (): boolean =>
    turnstiles.some(({ waiting }, id) => !waiting && endings[id] === undefined);
  while (underway()) {
    // Most of the way is promises. A turn of the loop, which costs far more (in workerd a millisecond), is for the rest.
    for (let turn = 0; turn < 100 && underway(); turn++) await Promise.resolve();
    if (underway()) await new Promise((resolve) => setImmediate(resolve));
  }
}
