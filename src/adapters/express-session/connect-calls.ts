/** Calls of a store of npm: a promise for each callback, in time, and the writes to one row one after the other. */
import { inTime, isPending } from "../../core/awaitable.ts";
import { SessionError } from "../../core/errors.ts";
import { isNoFile, isNoRow } from "../../readers/absent-row.ts";
import type { ConnectRow, ConnectStore } from "./store.ts";

/** Milliseconds for one answer of the store. */
const SILENT = 2000;
/**
 * Milliseconds for which a write without an answer keeps others from its row, because it may still land. A store that has
 * lost a call for good must not block the row for ever.
 */
const HELD = 30_000;

type Ask<T> = (done: (error?: unknown, value?: T | null) => void) => unknown;

function call<T>(ask: Ask<T>, isMissing: (error: unknown) => boolean): Promise<T | undefined> {
  return new Promise<T | undefined>((resolve, reject) => {
    const asked = ask((error, value) => {
      if (error && !isMissing(error)) reject(error);
      else resolve(error ? undefined : (value ?? undefined));
    });
    // Newer stores are async functions, which may also reject.
    if (isPending(asked)) asked.then(undefined, reject);
  });
}

/** The writes that nobody waits for any more, by the error that their callers have got. */
const unanswered = new WeakMap<object, Promise<unknown>>();

async function write(ask: Ask<unknown>, isMissing: (error: unknown) => boolean): Promise<void> {
  const answer = call(ask, isMissing);
  const late = (): SessionError => {
    const error = silent();
    unanswered.set(error, answer);
    return error;
  };
  await inTime(SILENT, answer, { late });
}

function never(): boolean {
  return false;
}

function silent(): SessionError {
  return new SessionError(
    "ERR_SESSION_STORE",
    `the session store did not answer within ${SILENT / 1000} seconds`,
  );
}

export function getRow(store: ConnectStore, id: string): Promise<ConnectRow | undefined> {
  const answer = call<ConnectRow>((done) => store.get(id, done), isNoRow);
  return inTime(SILENT, answer, { late: silent });
}

export function setRow(store: ConnectStore, id: string, row: ConnectRow): Promise<void> {
  return write((done) => store.set(id, row, done), never);
}

export function destroyRow(store: ConnectStore, id: string): Promise<void> {
  return write((done) => store.destroy(id, done), isNoFile);
}

export function touchRow(store: ConnectStore, id: string, row: ConnectRow): Promise<void> {
  return write((done) => store.touch?.(id, row, done), never);
}

interface Line {
  last: Promise<unknown>;
  /** How many tasks have not ended. */
  tasks: number;
  /** A write that may still land. It fails if the store goes on saying nothing. */
  late?: Promise<unknown> | undefined;
}

const lines = new WeakMap<object, Map<string, Line>>();

/**
 * Runs tasks on one row of a store one after the other. `get` and `set` are two calls, and another request of this process
 * must not come between them. Behind a write that the store has not answered in time, tasks wait for its answer: two more
 * seconds, and after that they fail at once.
 */
export function inLine<T>(store: object, id: string, task: () => Promise<T>): Promise<T> {
  const ofStore = lines.get(store) ?? new Map<string, Line>();
  lines.set(store, ofStore);
  const line: Line = ofStore.get(id) ?? { last: Promise.resolve(), tasks: 0 };
  ofStore.set(id, line);
  const begin = (): Promise<T> => (line.late ? line.late.then(task) : task());
  const turn = line.last.then(begin, begin);
  line.last = turn;
  line.tasks++;
  const leave = (): void => {
    if (line.tasks === 0 && !line.late) ofStore.delete(id);
  };
  const end = (error?: unknown): void => {
    line.tasks--;
    const answer = unanswered.get(error as object);
    if (answer) hold(line, answer, leave);
    leave();
  };
  turn.then(() => end(), end);
  return turn;
}

/** Lets what comes next wait for the answer, whatever it is. */
function hold(line: Line, answer: Promise<unknown>, leave: () => void): void {
  const settled = answer.catch(() => {});
  const late = inTime(SILENT, settled, { late: silent });
  late.catch(() => {}); // The tasks that wait for it get the error.
  line.late = late;
  const free = (): void => {
    clearTimeout(timer);
    line.late = undefined;
    leave();
  };
  const timer = setTimeout(free, HELD);
  timer.unref();
  void settled.finally(free);
}
