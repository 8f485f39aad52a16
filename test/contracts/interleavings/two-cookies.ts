/**
 * Explores a browser with the cookies of two sessions, which logs out or in while another request works on one of them,
 * in every order of their table calls, and with a store that fails for one of the sessions from any call on.
 */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Awaitable } from "../../../src/core/awaitable.ts";
import type { RequestSession } from "../../../src/core/request/session.ts";
import type { SessionTable } from "../../../src/core/store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { apart } from "./interleavings.ts";
import type { Explored, Turn } from "./interleavings.ts";
import { processOver } from "./process.ts";

/** What the browser does with both cookies. */
const SETTLING = ["log-out", "log-in"] as const;
/** What another request does meanwhile, with the cookie of the first session or with both. */
const MEANWHILE = ["put", "step-up", "log-out of one", "log-out of both"] as const;
type Settling = (typeof SETTLING)[number];
type Meanwhile = (typeof MEANWHILE)[number];

/** From which call for the first session's row on the store fails, and whether the calls then do their work. */
interface Failure {
  readonly from: number;
  readonly works: boolean;
}

/** The calls that a log-out makes for one row: the read, the deletes after each conflict, and what settles them. */
const CALLS = [0, 1, 2, 3, 4];
/** For tables where a call takes a while, and for two requests that make many calls each. */
const FEW_CALLS = [1];

/** What the store does: nothing wrong, or a failure of each kind from each call on. */
function failures(meanwhile: Meanwhile, isFast: boolean): readonly (Failure | undefined)[] {
  const calls = isFast && meanwhile !== "log-out of both" ? CALLS : FEW_CALLS;
  return [
    undefined,
    ...calls.flatMap((from) => [
      { from, works: false },
      { from, works: true },
    ]),
  ];
}

const ACTS: Record<Settling | Meanwhile, (session: RequestSession) => unknown> = {
  "log-out": (session) => session.drop(),
  "log-in": (session) => session.renew().put("user", "carl"),
  put: (session) => session.put("n", 1),
  "step-up": (session) => session.renew().put("sudo", true),
  "log-out of one": (session) => session.drop(),
  "log-out of both": (session) => session.drop(),
};

/** A table that fails for one row. */
function failing(table: SessionTable, handle: string, failure: Failure | undefined): SessionTable {
  if (!failure) return table;
  let calls = 0;
  const call = async <T>(key: string, run: () => Awaitable<T>): Promise<T> => {
    if (key !== handle || calls++ < failure.from) return run();
    if (failure.works) await run();
    throw new Error("the connection was lost");
  };
  return {
    get: (key) => call(key, () => table.get(key)),
    insert: (key, row, now) => call(key, () => table.insert(key, row, now)),
    replace: (key, version, row, now) => call(key, () => table.replace(key, version, row, now)),
    touch: (key, version, at, now) => call(key, () => table.touch(key, version, at, now)),
    delete: (...args) => call(args[0], () => table.delete(...args)),
  };
}

/** Lets the calls of one request wait until the explorer picks one. With two cookies a request has several at a time. */
class Gate {
  readonly waiting: (() => Promise<void>)[] = [];

  readonly turn: Turn = <T>(call: () => Awaitable<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      this.waiting.push(async () => {
        await Promise.resolve(call()).then(resolve, reject);
      });
    });
}

/** Waits until no request goes on by itself: each has ended, or all of its calls wait. */
async function atRest(gates: readonly Gate[], endings: readonly unknown[]): Promise<void> {
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  do await turn();
  while (gates.some(({ waiting }, id) => waiting.length === 0 && endings[id] === undefined));
  await turn(); // A second call of the request that has made one.
}

/** Runs both requests in every order of their table calls. */
export async function exploreTwoCookies(
  table: SessionTable,
  kinds: readonly [Settling, Meanwhile],
  isFast = true,
): Promise<Explored> {
  const violations: string[] = [];
  let runs = 0;
  for (const failure of failures(kinds[1], isFast)) {
    const todo: number[][] = [[]];
    for (let order = todo.pop(); order; order = todo.pop()) {
      const { branches, faults } = await run(table, kinds, failure, order);
      runs++;
      violations.push(...faults);
      todo.push(...branches);
    }
  }
  return { runs, violations };
}

interface Ending {
  readonly cookie: string | undefined;
  readonly error: string | undefined;
}

async function run(
  table: SessionTable,
  kinds: readonly [Settling, Meanwhile],
  failure: Failure | undefined,
  order: readonly number[],
) {
  const now = (): number => 1_000_000;
  const subjects = createTable();
  const outside = processOver(apart(table, subjects), { now });
  const [ann, bob] = [await signIn(outside, "ann"), await signIn(outside, "bob")];
  const both = `${ann.cookie}; sid=${bob.cookie}`;

  const dropped: unknown[] = [];
  const onDrop = (event: unknown): void => void dropped.push((event as { handle: unknown }).handle);
  subscribe("sojourn:drop", onDrop);
  const gates = kinds.map(() => new Gate());
  const endings: (Ending | undefined)[] = kinds.map(() => undefined);
  kinds.forEach((kind, id) => {
    const rows = id === 0 ? failing(table, ann.handle, failure) : table;
    const process = processOver(apart(rows, subjects, gates[id]?.turn), { now });
    const cookies = id === 0 || kind === "log-out of both" ? both : ann.cookie;
    void process.visit(cookies, ACTS[kind]).then(
      ({ cookie }) => (endings[id] = { cookie, error: undefined }),
      (error: { code?: string }) =>
        (endings[id] = { cookie: undefined, error: error.code ?? String(error) }),
    );
  });
  const taken: number[] = [];
  const branches: number[][] = [];
  for (;;) {
    await atRest(gates, endings);
    const ready = gates.flatMap(({ waiting }) => waiting.map((_, at) => ({ waiting, at })));
    if (ready.length === 0) break;
    const pick = order[taken.length] ?? 0;
    if (taken.length >= order.length) {
      branches.push(...ready.slice(1).map((_, at) => [...taken, at + 1]));
    }
    taken.push(pick);
    const call = ready[pick];
    await call?.waiting.splice(call.at, 1)[0]?.();
  }
  unsubscribe("sojourn:drop", onDrop);
  const faults = await judge(outside, kinds, [ann, bob], dropped, endings);
  return { branches, faults: faults.map((each) => `${each} [${kinds.join(" || ")}]`) };
}

interface SignedIn {
  readonly cookie: string;
  readonly handle: string;
}

type Process = ReturnType<typeof processOver>;

async function signIn(process: Process, user: string): Promise<SignedIn> {
  const { cookie = "", handle = "" } = await process.visit("", (session) =>
    session.put("user", user),
  );
  return { cookie, handle };
}

async function judge(
  process: Process,
  kinds: readonly [Settling, Meanwhile],
  sessions: readonly SignedIn[],
  dropped: readonly unknown[],
  [settling, meanwhile]: readonly (Ending | undefined)[],
): Promise<readonly string[]> {
  const faults: string[] = [];
  const reads = async (cookie: string): Promise<unknown> =>
    (await process.visit(cookie, (session) => session.get("user"))).result;
  const mine = settling?.cookie;
  const isOf = (cookie: string | undefined, { handle }: SignedIn): boolean =>
    cookie?.startsWith(handle.slice(0, 21)) ?? false;
  // Where the other log-out came first, one cookie opened, and the log-in has renewed its session.
  const others = sessions.filter((session) => !isOf(mine, session));
  /** Every cookie that a session may have by now. */
  const cookiesOf = (session: SignedIn): readonly string[] =>
    [session.cookie, meanwhile?.cookie].filter(
      (each): each is string => each !== undefined && isOf(each, session),
    );
  for (const session of others) {
    const open = (await Promise.all(cookiesOf(session).map(reads))).some(Boolean);
    const told = dropped.filter((each) => each === session.handle).length;
    if (open && told > 0) faults.push("an event told of a drop, and the session reads");
    if (open && settling?.error === undefined) faults.push("a session outlived what settles it");
    if (told > 1) faults.push("one session was dropped twice");
    if (told === 0 && !open && settling?.error === undefined) faults.push("an end was not told");
  }
  if (settling?.error !== undefined && settling.error !== "ERR_SESSION_STORE") {
    faults.push(`it failed with ${settling.error}`);
  }
  // A log-in that found one session, and that session ended since, stops.
  const mayStop = kinds[0] === "log-in" && kinds[1].startsWith("log-out");
  if (settling?.error === undefined && mine === undefined && !mayStop) {
    faults.push("no cookie was sent");
  }
  if (mine && (await reads(mine)) !== "carl") faults.push("the log-in's cookie does not read carl");
  // After a failure the browser has its cookies, and another log-out ends what was left.
  const rest = [...others.flatMap(cookiesOf), ...(mine ? [mine] : [])];
  const isOpen = (await Promise.all(rest.map(reads))).some(Boolean);
  const again = await process.visit(rest.join("; sid="), (session) => session.drop());
  if (isOpen && again.cookie !== "") faults.push("a second log-out cleared nothing");
  for (const cookie of rest) {
    if (await reads(cookie)) faults.push("a session outlived the second log-out");
  }
  return faults;
}

/** Every case that is explored. */
export const CASES: readonly (readonly [Settling, Meanwhile])[] = SETTLING.flatMap((settling) =>
  MEANWHILE.map((meanwhile) => [settling, meanwhile] as const),
);

/** Those for tables where a call takes a while. */
export const SLOW_CASES: typeof CASES = CASES.filter(([, meanwhile]) =>
  ["put", "log-out of one"].includes(meanwhile),
);
