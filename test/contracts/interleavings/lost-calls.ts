/**
 * Requests of one session over a network that loses, delays, doubles and reorders the calls of the table: each call at
 * each point, as a schedule says. Each request runs in a process of its own.
 */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { RequestSession } from "../../../src/core/request/session.ts";
import type { Awaitable } from "../../../src/core/awaitable.ts";
import type { SessionTable } from "../../../src/core/store.ts";
import type { Secret } from "../../../src/crypto/secret.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { apart } from "./interleavings.ts";
import type { Turn } from "./interleavings.ts";
import { START, processOver } from "./process.ts";

/** What a request does: `add` counts, `renew` renews and counts, `drop` logs out. */
export const KINDS = ["add", "renew", "drop"] as const;
export type Kind = (typeof KINDS)[number];

/** The most calls of one run that go wrong. With more, most requests would only learn that nothing is known. */
const MOST_FAULTS = 4;
/** Each fourth number of a schedule stands for a fault. */
const ONE_FAULT_OF = 4;

const HANDLERS: Record<Kind, (session: RequestSession) => void> = {
  add: (session) => void session.update("n", (n) => Number(n) + 1),
  renew: (session) => void session.renew().update("n", (n) => Number(n) + 1),
  drop: (session) => void session.drop(),
};

/** Something that the network can do next. */
interface Step {
  /** The request whose call it is. */
  readonly owner: number;
  readonly isFault: boolean;
  take(): unknown;
}

/** One call of a request, on its way to the table and back. */
interface Call {
  readonly owner: number;
  run(): Awaitable<unknown>;
  resolve(answer: unknown): void;
  reject(error: Error): void;
  /** The answer that is on its way back. */
  answer: { readonly value: unknown } | undefined;
}

class Network {
  /** Calls whose answer somebody waits for. */
  readonly #calls = new Set<Call>();
  /** Calls that arrive later, and whose answers nobody waits for. */
  readonly #astray = new Set<Call>();

  /** Gives the way to the table for one request. */
  turnOf(owner: number): Turn {
    return <T>(run: () => Awaitable<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        const settle = resolve as (answer: unknown) => void;
        this.#calls.add({ owner, run, resolve: settle, reject, answer: undefined });
      });
  }

  waits(owner: number): boolean {
    return [...this.#calls].some((call) => call.owner === owner);
  }

  /** What can happen next: what goes well, and what goes wrong. */
  steps(): readonly [goods: readonly Step[], bads: readonly Step[]] {
    const steps = [
      ...[...this.#calls].flatMap((call) => this.#stepsOf(call)),
      ...[...this.#astray].map((call) => step(call, () => this.#arrive(call))),
    ];
    return [steps.filter(({ isFault }) => !isFault), steps.filter(({ isFault }) => isFault)];
  }

  #stepsOf(call: Call): readonly Step[] {
    const { answer } = call;
    const lose = fault(call, () => this.#end(call, () => call.reject(new Error("lost"))));
    if (answer) {
      const resend = fault(call, () => (call.answer = undefined));
      return [step(call, () => this.#end(call, () => call.resolve(answer.value))), lose, resend];
    }
    return [
      step(call, async () => {
        const value = await call.run();
        this.#end(call, () => call.resolve(value));
      }),
      step(call, async () => (call.answer = { value: await call.run() })),
      lose,
      // The client takes it for lost: it tells so, or sends a second one by itself. The first one is still under way.
      fault(call, () => {
        this.#astray.add({ ...call });
        lose.take();
      }),
      fault(call, () => this.#astray.add({ ...call })),
    ];
  }

  async #arrive(call: Call): Promise<void> {
    this.#astray.delete(call);
    await call.run();
  }

  #end(call: Call, tell: () => void): void {
    this.#calls.delete(call);
    tell();
  }
}

function step({ owner }: Call, take: () => unknown): Step {
  return { owner, isFault: false, take };
}

function fault({ owner }: Call, take: () => unknown): Step {
  return { owner, isFault: true, take };
}

/** How a request ended. */
interface Ending {
  readonly kind: Kind;
  readonly error: string | undefined;
  readonly stopped: boolean;
  readonly cookie: string | undefined;
  readonly handle: string | undefined;
}

/** What one run came to. */
export interface Outcome {
  /** What is broken. */
  readonly violations: readonly string[];
  /** How many calls went wrong. */
  readonly faults: number;
  readonly endings: readonly Ending[];
}

/**
 * Runs the requests. Each number of the schedule picks one of the steps that are possible then. When the schedule is
 * at its end, all that is under way arrives.
 * @param rows stands before the table of each process
 * @param secret of all processes, if the rows are to be sealed
 */
export async function runLossy(
  kinds: readonly Kind[],
  schedule: readonly number[],
  rows: (table: SessionTable) => SessionTable = (table) => table,
  secret?: Secret,
): Promise<Outcome> {
  const table = createTable();
  const subjects = createTable();
  const now = (): number => 1_000_000;
  const outside = processOver(apart(table, subjects), { now, secret });
  const { cookie: first = "", handle = "" } = await outside.visit("", (session) => {
    session.put("n", START);
  });
  const network = new Network();
  const endings: (Ending | undefined)[] = kinds.map(() => undefined);
  const stops = new Set<number>();
  let running = -1;
  const onStop = (): void => void stops.add(running);
  subscribe("sojourn:stop", onStop);
  kinds.forEach((kind, id) => {
    const process = processOver(rows(apart(table, subjects, network.turnOf(id))), { now, secret });
    const ending = { kind, stopped: false, cookie: undefined, handle: undefined };
    void process.visit(first, HANDLERS[kind]).then(
      ({ cookie, handle: ends }) =>
        (endings[id] = { kind, error: undefined, stopped: stops.has(id), cookie, handle: ends }),
      (error: { code?: string }) =>
        (endings[id] = { ...ending, error: error.code ?? String(error) }),
    );
  });
  const underway = (): boolean =>
    kinds.some((_, id) => endings[id] === undefined && !network.waits(id));
  let faults = 0;
  for (let at = 0; ; at++) {
    for (let turn = 0; turn < 200 && underway(); turn++) await Promise.resolve();
    while (underway()) await new Promise((resolve) => setImmediate(resolve));
    const [goods, bads] = network.steps();
    const number = schedule[at] ?? 0;
    const isFault = number % ONE_FAULT_OF === ONE_FAULT_OF - 1 && faults < MOST_FAULTS;
    const steps = isFault && bads.length > 0 ? bads : goods;
    const next = steps[Math.floor(number / ONE_FAULT_OF) % steps.length];
    if (!next) break;
    if (next.isFault) faults++;
    running = next.owner;
    await next.take();
  }
  unsubscribe("sojourn:stop", onStop);

  const ended = endings.filter((ending) => ending !== undefined);
  const violations: string[] = [];
  const done = ended.filter(({ error, stopped }) => error === undefined && !stopped);
  const unknown = ended.filter(({ error }) => error === "ERR_SESSION_STORE");
  for (const { error } of ended) {
    const isKnown = [undefined, "ERR_SESSION_STORE", "ERR_SESSION_CONFLICT"].includes(error);
    if (!isKnown) violations.push(`a request failed with ${error}`);
  }

  // The row itself is asked, because nobody has the token of a renewal whose outcome is unknown.
  const row = await table.get(handle);
  const counts = ({ kind, handle: own }: Ending): boolean =>
    kind !== "drop" && (own === undefined || own === handle);
  if (row) {
    const asked = done.filter(counts).length;
    const perhaps = unknown.filter(counts).length;
    const n = secret === undefined ? countIn(row.value) : await read(first);
    const made = Number(n) - START;
    if (made < asked) violations.push(`${asked} writes were acknowledged, ${made} are stored`);
    if (made > asked + perhaps) {
      violations.push(
        `${asked} writes were acknowledged, and ${perhaps} perhaps; ${made} are stored`,
      );
    }
    if (done.some(({ kind }) => kind === "drop")) violations.push("a log-out was undone");
  } else if (!ended.some(({ kind }) => kind === "drop")) {
    violations.push("the session is gone, and nobody has ended it");
  }

  const renewals = done.filter(({ kind, handle: own }) => kind === "renew" && own === handle);
  if (renewals.length > 1) violations.push("renewed twice from one token");
  for (const { cookie } of renewals) {
    if (row && !cookie) violations.push("a renewal was acknowledged, and nobody has its token");
    if (row && cookie && (await read(cookie)) === undefined) violations.push("a renewal was lost");
  }
  for (const cookie of row ? [] : [first, ...renewals.map((each) => each.cookie)]) {
    if (cookie && (await read(cookie)) !== undefined) violations.push("an ended session reads");
  }
  return { violations, faults, endings: ended };

  async function read(cookie: string): Promise<unknown> {
    const { result } = await outside.visit(cookie, (session) => {
      const count = session.get("n");
      session.configure("ignore", true);
      return count;
    });
    return result;
  }
}

function countIn(value: string): unknown {
  return (JSON.parse(value.slice(1)) as { data: { n: unknown } }).data.n;
}
