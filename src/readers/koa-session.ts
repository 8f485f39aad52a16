import type { OldData, SessionReader } from "../core/cookie/old-session.ts";
import { configError, describe } from "../core/errors.ts";
import { parseObject, readCookieOptions, readKeys } from "./cookies.ts";
import type { CookieOptions, Keys } from "./cookies.ts";
import { keygripValue, signatureName } from "./keygrip.ts";

/** A store of koa-session. */
export interface KoaStore {
  get(key: string, maxAge?: unknown, options?: unknown): unknown;
  destroy(key: string, options?: unknown): unknown;
}

/** Options of {@link koaSession}. */
export interface KoaSessionReaderOptions extends CookieOptions {
  /** `app.keys`. */
  readonly keys: Keys;
  /** The option `store` of koa-session, if it had one. */
  readonly store?: KoaStore | undefined;
}

/**
 * Reads the sessions of koa-session, from its signed cookies or from its store. The default name is `koa.sess`; versions
 * up to 5 called it `koa:sess`. Without a store two users with the same data may have the same cookie: each request makes
 * a session for itself, and the last answer wins.
 * @throws ERR_SESSION_CONFIG if the keys are missing
 * @example
 * ```ts
 * import { koaSession } from "sojourn/adopt";
 *
 * const reader = koaSession({ keys: [process.env["OLD_SECRET"]] });
 * ```
 */
export function koaSession(options: KoaSessionReaderOptions): SessionReader {
  const { name, place } = readCookieOptions("koaSession", options, "koa.sess", ["keys", "store"]);
  const keys = readKeys("koaSession: keys", options.keys);
  const { store } = options;
  if (
    store !== undefined &&
    (typeof store.get !== "function" || typeof store.destroy !== "function")
  ) {
    throw configError(`koaSession: store must have get and destroy, got ${describe(store)}`);
  }
  return {
    library: "koa-session",
    place,
    owns: (each) => each === name || each === signatureName(name),
    read(cookies, now) {
      const value = keygripValue(cookies, name, keys);
      if (!value) return undefined;
      if (store) {
        return {
          unique: value,
          load: async () => living(await store.get(value, undefined, { rolling: false }), now),
          end: async () => store.destroy(value, {}),
        };
      }
      const old = living(parseObject(Buffer.from(value, "base64").toString()), now);
      return old && { load: () => old };
    },
  };
}

function living(session: unknown, now: number): OldData | undefined {
  if (typeof session !== "object" || session === null) return undefined;
  const { _expire, _maxAge, _session, ...data } = session as Readonly<Record<string, unknown>>;
  return typeof _expire === "number" && _expire < now ? undefined : { data };
}
