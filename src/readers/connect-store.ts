import { isPending } from "../core/awaitable.ts";
import type { OldData, OldSession } from "../core/cookie/old-session.ts";
import { configError, describe } from "../core/errors.ts";
import { isNoFile, isNoRow } from "./absent-row.ts";

/** A store of express-session, as connect-redis, connect-pg-simple and the others are one. */
export interface ConnectStore {
  get(id: string, done: (error: unknown, session?: unknown) => void): unknown;
  destroy(id: string, done?: (error?: unknown) => void): unknown;
}

/** @throws ERR_SESSION_CONFIG if it is none */
export function checkConnectStore(reader: string, store: unknown): void {
  const { get, destroy } = (store ?? {}) as Partial<ConnectStore>;
  if (typeof get === "function" && typeof destroy === "function") return;
  throw configError(
    `${reader} needs store: the one that the old sessions are in, with get and destroy; got ${describe(store)}`,
  );
}

/** The session with this id. */
export function storedSession(store: ConnectStore, id: string, now: number): OldSession {
  return {
    unique: id,
    load: async () => living(await answer((done) => store.get(id, done), isNoRow), now),
    end: () => answer((done) => store.destroy(id, done), isNoFile),
  };
}

/** The answer of a store, which gives it to a callback. `isNone` says which errors mean that it has nothing. */
function answer(
  ask: (done: (error?: unknown, value?: unknown) => void) => unknown,
  isNone: (error: unknown) => boolean,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const failed = (error: unknown): void => {
      if (isNone(error)) resolve(undefined);
      else reject(asError(error));
    };
    const asked = ask((error, value) => {
      if (error) failed(error);
      else resolve(value);
    });
    // Newer stores are async functions. A rejection that nobody handles would end the process.
    if (isPending(asked)) asked.then(undefined, failed);
  });
}

function living(session: unknown, now: number): OldData | undefined {
  if (typeof session !== "object" || session === null) return undefined;
  // A store may give an object of its own class; its fields are the data.
  const { cookie, ...data } = { ...session } as Readonly<Record<string, unknown>>;
  const { expires, originalExpires } = (cookie ?? {}) as Readonly<Record<string, unknown>>;
  const ends = [expires, originalExpires]
    .filter((end) => end instanceof Date || typeof end === "string" || typeof end === "number")
    .map((end) => new Date(end).getTime());
  return ends.some((end) => end <= now) ? undefined : { data };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error("the old store failed", { cause: error });
}
