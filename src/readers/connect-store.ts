import type { OldData, OldSession } from "../core/cookie/old-session.ts";
import { configError, describe } from "../core/errors.ts";

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
    load: async () => {
      const session = await new Promise((resolve, reject) => {
        void store.get(id, (error, found) => {
          // The stores of files say so that there is none.
          if (error && (error as { code?: unknown }).code !== "ENOENT") reject(asError(error));
          else resolve(error ? undefined : found);
        });
      });
      return living(session, now);
    },
    end: () =>
      new Promise<void>((resolve, reject) => {
        void store.destroy(id, (error) => {
          if (error && (error as { code?: unknown }).code !== "ENOENT") reject(asError(error));
          else resolve();
        });
      }),
  };
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
