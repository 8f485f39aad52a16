/** Calls of a store of npm: a promise for each callback, in time, and the writes to one row one after the other. */
import { inTime, isPending } from "../../core/awaitable.ts";
import { SessionError } from "../../core/errors.ts";
import type { ConnectRow, ConnectStore } from "./store.ts";

/** Milliseconds for one answer of the store. */
const SILENT = 2000;

type Ask<T> = (done: (error?: unknown, value?: T | null) => void) => unknown;

function call<T>(ask: Ask<T>): Promise<T | undefined> {
  const answer = new Promise<T | undefined>((resolve, reject) => {
    const asked = ask((error, value) => {
      if (error && !isMissing(error)) reject(error);
      else resolve(error ? undefined : (value ?? undefined));
    });
    // Newer stores are async functions, which may also reject.
    if (isPending(asked)) asked.then(undefined, reject);
  });
  return inTime(SILENT, answer, { late: silent });
}

/** Stores of files say so if there is no file. */
function isMissing(error: unknown): boolean {
  return (error as { readonly code?: unknown }).code === "ENOENT";
}

function silent(): SessionError {
  return new SessionError(
    "ERR_SESSION_STORE",
    `the session store did not answer within ${SILENT / 1000} seconds`,
  );
}

export function getRow(store: ConnectStore, id: string): Promise<ConnectRow | undefined> {
  return call<ConnectRow>((done) => store.get(id, done));
}

export async function setRow(store: ConnectStore, id: string, row: ConnectRow): Promise<void> {
  await call((done) => store.set(id, row, done));
}

export async function destroyRow(store: ConnectStore, id: string): Promise<void> {
  await call((done) => store.destroy(id, done));
}

export async function touchRow(store: ConnectStore, id: string, row: ConnectRow): Promise<void> {
  await call((done) => store.touch?.(id, row, done));
}

const lines = new WeakMap<object, Map<string, Promise<unknown>>>();

/**
 * Runs tasks on one row of a store one after the other. `get` and `set` are two calls, and another request of this process
 * must not come between them.
 */
export function inLine<T>(store: object, id: string, task: () => Promise<T>): Promise<T> {
  const line = lines.get(store) ?? new Map<string, Promise<unknown>>();
  lines.set(store, line);
  const turn = (line.get(id) ?? Promise.resolve()).then(task, task);
  line.set(id, turn);
  const leave = (): void => {
    if (line.get(id) === turn) line.delete(id);
  };
  turn.then(leave, leave);
  return turn;
}
