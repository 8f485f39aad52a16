/** Runs cases: each opens its table, has a time of its own, and closes what it has opened. */
import type { Awaitable } from "../../core/awaitable.ts";
import { isPending } from "../../core/awaitable.ts";
import { configError } from "../../core/errors.ts";
import type { SessionTable } from "../../core/store.ts";
import { NotShown } from "./case.ts";
import type { TableCase } from "./case.ts";
import type { ContractCase, OpenTable, TableContractOptions } from "./open-table.ts";

const DEFAULT_TIMEOUT = 30;
/** Milliseconds by which a test runner should wait longer than we do: our error says more. */
const MARGIN = 5_000;

/** What is under way, in words. */
type Calls = Set<string>;

/** Makes cases of which each opens a table, uses it and closes it. */
export function overTable(
  open: () => Awaitable<OpenTable>,
  cases: readonly TableCase[],
  options: TableContractOptions = {},
): readonly ContractCase[] {
  const timeout = secondsOf(options);
  return cases.map((each): ContractCase => {
    // No parameter is declared, because a runner that counts parameters would wait for a callback.
    async function run(): Promise<void> {
      const reason = await runCase(open, each, options);
      // oxlint-disable-next-line prefer-rest-params
      if (reason !== undefined) skip(arguments[0], reason);
    }
    return [each[0], run, timeout * 1000 + MARGIN];
  });
}

function secondsOf({ timeout = DEFAULT_TIMEOUT }: TableContractOptions): number {
  if (timeout > 0) return timeout;
  throw configError(`timeout must be a number of seconds above 0, got ${String(timeout)}`);
}

/** Runs one case. Gives the reason if the open table lacks what would show it. */
export async function runCase(
  open: () => Awaitable<OpenTable>,
  [, run]: TableCase,
  options: TableContractOptions = {},
): Promise<string | undefined> {
  const timeout = secondsOf(options);
  const calls: Calls = new Set();
  const over = new AbortController();
  const ended = async (): Promise<string | undefined> => {
    const opened = await during(calls, "open()", open);
    let failed = false;
    const watched = watchOpened(opened, calls, () => (failed = true));
    try {
      await run(watched.table, watched, over.signal);
      return undefined;
    } catch (error) {
      if (error instanceof NotShown) return error.message;
      throw error;
    } finally {
      await during(calls, "close()", async () => opened.close?.()).catch((error: unknown) => {
        // What was made to fail may find nothing to close.
        if (!failed) throw error;
      });
    }
  };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      over.abort();
      reject(new Error(`not over within ${timeout} s; it waits for ${waitsFor(calls)}`));
    }, timeout * 1000);
  });
  try {
    return await Promise.race([ended(), late]);
  } finally {
    clearTimeout(timer);
  }
}

function waitsFor(calls: Calls): string {
  return calls.size > 0 ? [...calls].slice(0, 5).join(", ") : "no call of the table";
}

function watchOpened(opened: OpenTable, calls: Calls, onFail: () => void): OpenTable {
  const { table, other } = opened;
  return {
    ...opened,
    table: watch(table, calls, ""),
    other: other && watch(other, calls, " of the second handle"),
    ...(opened.fail && {
      fail: () => {
        onFail();
        return during(calls, "fail()", async () => opened.fail?.());
      },
    }),
  };
}

/** The same table, which keeps account of the calls that it has not answered. */
function watch(table: SessionTable, calls: Calls, where: string): SessionTable {
  return new Proxy(table, {
    get(target, name): unknown {
      const method: unknown = Reflect.get(target, name, target);
      if (typeof method !== "function") return method;
      return (...args: readonly unknown[]): unknown => {
        const answer = Reflect.apply(method, target, args) as Awaitable<unknown>;
        if (!isPending(answer)) return answer;
        const [first] = args;
        const key = typeof first === "string" ? JSON.stringify(first) : "";
        return during(calls, `${String(name)}(${key})${where}`, () => answer);
      };
    },
  });
}

async function during<T>(calls: Calls, call: string, run: () => Awaitable<T>): Promise<T> {
  // Several calls may be the same in words.
  const entry = calls.has(call) ? `${call} and ${calls.size} more` : call;
  calls.add(entry);
  try {
    return await run();
  } finally {
    calls.delete(entry);
  }
}

/** Tells a test runner that a case has shown nothing, if its context has the method of vitest and `node:test` for it. */
function skip(context: unknown, reason: string): void {
  // The context of vitest is a function with properties.
  if (context === undefined || context === null) return;
  const { skip: skipTest } = context as { readonly skip?: unknown };
  if (typeof skipTest === "function") Reflect.apply(skipTest, context, [reason]);
}
