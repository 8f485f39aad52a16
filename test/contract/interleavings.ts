/**
 * Explores every order in which the table calls of several requests can meet, with the real store over a real
 * table. Each request runs in a process of its own (its own `createSessions`), so that nothing but the table
 * keeps them apart.
 */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { createSessions, filterOf } from "../../src/core/sessions.ts";
import type { RequestSession } from "../../src/core/session.ts";
import type { Awaitable, SessionTable } from "../../src/index.ts";
import { createTable } from "../../src/stores/named-tables.ts";
import { tableStore } from "../../src/stores/table.ts";
import { leaks } from "../support/leaks.ts";

const KEY = "sid";
const GRACE = 10; // seconds

/** What a request does between its load and its commit. */
export type Kind = "put" | "add" | "touch" | "drop" | "login" | "stepup";
export const KINDS: readonly Kind[] = ["put", "add", "touch", "drop", "login", "stepup"];

/** How a request ended. */
export interface Ending {
  readonly kind: Kind;
  readonly id: number;
  /** The cookie value of the answer: text, `""` for a clearing one, `undefined` for none. */
  readonly cookie: string | undefined;
  readonly error: string | undefined;
  readonly stopped: boolean;
}

/** One table call that waits for its turn. */
interface Waiting {
  readonly run: () => Promise<void>;
}

/** The length of a handle, which is the key of a session's row. */
const HANDLE = 22;

type Turn = <T>(call: () => Awaitable<T>) => Awaitable<T>;

/**
 * The rows of sessions in one table, each call in its `turn`; those of subjects in another, at once: who may do what to
 * a session does not depend on them, and they would multiply the orders by hundreds. Their own races are explored in
 * `subject-races.ts`.
 */
function apart(
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
    delete: (key, version) => on(key, (rows) => rows.delete(key, version)),
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

/** The sessions of one process over a table. `subject` is the key that says who is signed in. */
function processOver(table: SessionTable, now: () => number) {
  const sessions = createSessions({
    store: tableStore({ table }),
    key: KEY,
    subject: "user",
    renewGrace: GRACE,
    now,
  });
  return {
    /** Runs one request: load, handler, commit. Gives the Set-Cookie value, if any. */
    async visit(cookie: string, handler: (session: RequestSession) => unknown) {
      const begun = filterOf(sessions).begin(
        {
          anonymousOnError: false,
          cookieHeader: () => `${KEY}=${cookie}`,
          onLook: () => true,
          isInsecure: () => false,
          isGone: () => false,
        },
        {},
      );
      if (!begun) throw new Error("the request has a session already");
      await begun.fetch();
      const result = handler(begun);
      const outcome = await begun.commit();
      const sent = /^sid=([^;]*)/.exec(outcome?.setCookie ?? "")?.[1];
      leaks.confideCookie(sent ?? "");
      return { result, cookie: sent, handle: begun.handle };
    },
  };
}

const HANDLERS: Record<Kind, (session: RequestSession, id: number) => void> = {
  put: (session, id) => void session.put(`k${id}`, 1),
  add: (session) => void session.update("n", (n) => Number(n ?? 0) + 1),
  touch: (session) => void session.get("user"),
  drop: (session) => void session.drop(),
  login: (session, id) => void session.renew().put("user", `u${id}`),
  stepup: (session) => void session.renew().put("sudo", true),
};

/** What the orders of one set of requests came to. */
export interface Explored {
  readonly runs: number;
  readonly violations: readonly string[];
}

/**
 * Runs the requests in every order of their table calls.
 * @param user who is signed in when they start; `undefined` for an anonymous session
 */
export async function explore(
  table: SessionTable,
  kinds: readonly Kind[],
  user: string | undefined,
): Promise<Explored> {
  const violations: string[] = [];
  let runs = 0;
  const todo: number[][] = [[]];
  for (let order = todo.pop(); order; order = todo.pop()) {
    const { branches, faults } = await run(table, kinds, user, order);
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
) {
  let time = 1_000_000;
  const now = (): number => time;
  const subjects = createTable();
  const outside = processOver(apart(table, subjects), now);
  const start = await outside.visit("", (session) => {
    session.put("seed", 1);
    if (user) session.put("user", user);
  });
  const first = start.cookie ?? "";
  time += 6 * 60 * 1000; // so that a look is worth a touch

  const stops = new Set<string>();
  const onStop = (): void => void stops.add(String(running));
  let running = -1;
  const turnstiles = kinds.map(() => new Turnstile());
  const endings: (Ending | undefined)[] = kinds.map(() => undefined);
  kinds.forEach((kind, id) => {
    const turnstile = turnstiles[id] as Turnstile;
    const process = processOver(apart(table, subjects, turnstile.turn), now);
    void process
      .visit(first, (session) => HANDLERS[kind](session, id))
      .then(
        ({ cookie }) =>
          (endings[id] = { kind, id, cookie, error: undefined, stopped: stops.has(`${id}`) }),
        (error: { code?: string }) =>
          (endings[id] = {
            kind,
            id,
            cookie: undefined,
            error: error.code ?? String(error),
            stopped: false,
          }),
      );
  });

  subscribe("sojourn:stop", onStop);
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

  const ended = endings.filter((ending) => ending !== undefined);
  const faults = await judge(outside, first, user, ended, (seconds) => (time += seconds * 1000));
  return { branches, faults };
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

/** Asks the laws of what is left. Each question goes through the front door: a request with a cookie. */
async function judge(
  process: ReturnType<typeof processOver>,
  first: string,
  user: string | undefined,
  endings: readonly Ending[],
  wait: (seconds: number) => void,
): Promise<readonly string[]> {
  const faults: string[] = [];
  const fault = (text: string): void => void faults.push(text);
  const read = async (cookie: string): Promise<Record<string, unknown>> => {
    const { result } = await process.visit(cookie, (session) => {
      const data = session.get() as Record<string, unknown>;
      session.configure("ignore", true);
      return data;
    });
    return result as Record<string, unknown>;
  };
  const handleOf = (cookie: string): string =>
    Buffer.from(cookie, "base64url").toString("base64url", 0, 16);
  const done = endings.filter(({ error, stopped }) => error === undefined && !stopped);
  const dropped = done.some(({ kind, cookie }) => kind === "drop" && cookie === "");
  const issued = endings.flatMap(({ cookie }) => (cookie ? [cookie] : []));
  const same = issued.filter((cookie) => handleOf(cookie) === handleOf(first));
  const renewed = done.filter(({ cookie }) => cookie && handleOf(cookie) === handleOf(first));
  const ofFirst = (id: number): boolean => renewed.some((ending) => ending.id === id);

  for (const { error, kind } of endings) {
    const allowed = error === undefined || (error === "ERR_SESSION_CONFLICT" && user !== undefined);
    if (!allowed) fault(`${kind} failed with ${error}`);
  }
  if (renewed.length > 1) fault("renewed twice from one secret");

  // Log-out wins: no cookie ever issued for the session reads anything.
  if (dropped) {
    for (const cookie of [first, ...same]) {
      if (Object.keys(await read(cookie)).length > 0) fault("a dropped session reads");
    }
  }
  // Nothing that was acknowledged is lost, as long as the session lives.
  const current = same[0] ?? first;
  if (!dropped) {
    const data = await read(current);
    const adds = done.filter(({ kind }) => kind === "add").length;
    if (Number(data["n"] ?? 0) !== adds) fault(`${adds} increments gave ${String(data["n"])}`);
    for (const { kind, id } of done) {
      if (kind === "put" && data[`k${id}`] !== 1) fault("lost put");
      if (kind === "stepup" && data["sudo"] !== true && ofFirst(id)) fault("lost step-up");
    }
    const drops = endings.filter(({ kind }) => kind === "drop");
    const logins = endings.some(({ kind }) => kind === "login");
    if (drops.length > 0 && !logins) fault("a log-out was lost");
  }
  // Whichever answer to a double click on log-in the browser keeps, it is signed in.
  for (const { kind, id, cookie, stopped, error } of endings) {
    if (kind !== "login" || error !== undefined) continue;
    if (stopped && user === undefined && !dropped) fault("a log-in was stopped");
    if (!cookie || (dropped && handleOf(cookie) === handleOf(first))) continue;
    const data = await read(cookie);
    if (data["user"] !== `u${id}`) fault("a log-in's cookie does not read its user");
    if (handleOf(cookie) !== handleOf(first) && user !== undefined && data["seed"]) {
      fault("a copy of somebody's session was made");
    }
  }
  // A renewal is never undone; the retired secret writes nothing, and reads nothing after its grace.
  if (renewed.length > 0 && !dropped) {
    const before = JSON.stringify(await read(current));
    const retired = await process.visit(first, (session) => session.put("evil", 1));
    if (retired.cookie) fault("a retired secret got a cookie");
    if (JSON.stringify(await read(current)) !== before) fault("a retired secret wrote");
    wait(GRACE);
    if (Object.keys(await read(first)).length > 0) fault("a retired secret outlived its grace");
    if (Object.keys(await read(current)).length === 0) fault("the renewed secret does not read");
  }
  return faults;
}
