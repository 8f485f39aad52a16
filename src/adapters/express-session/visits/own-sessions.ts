import type { AdoptOptions } from "../../../core/options/adopt.ts";
import { readOptions } from "../../../core/options/read-options.ts";
import type { ResolvedOptions } from "../../../core/options/read-options.ts";
import { requireRuntime } from "../../../core/options/runtime.ts";
import type { SessionStore } from "../../../core/store.ts";

const DAY = 24 * 60 * 60;
/** The most seconds that a session may live: browsers keep no cookie longer. */
export const LONGEST: number = 400 * DAY;

/** The cookie's options, as far as the core has to know them. */
export interface OwnCookieOptions {
  readonly path?: string | undefined;
  readonly domain?: string | undefined;
  readonly secure?: boolean | "auto" | undefined;
  readonly httpOnly?: boolean | undefined;
  readonly maxAge?: number | Date | null | undefined;
}

/**
 * Sets a store of ours up for the drop-in. The idle timeout is the cookie's maxAge, and a session in use lives on, as with
 * express-session, up to 400 days.
 * @throws ERR_SESSION_CONFIG if an option cannot work
 */
export function setUpOwn(
  store: SessionStore,
  cookieName: string,
  adopt: AdoptOptions | undefined,
  { path, domain, secure, httpOnly, maxAge }: OwnCookieOptions,
): ResolvedOptions {
  requireRuntime();
  const idle = idleOf(typeof maxAge === "number" ? maxAge : undefined);
  return readOptions({
    store,
    key: cookieName,
    ...(adopt && { adopt }),
    path: path || undefined,
    domain: domain || undefined,
    secure: Boolean(secure),
    httpOnly: httpOnly ?? true,
    lifetime: { ...(idle !== undefined && { idle }), absolute: LONGEST },
  });
}

/** The idle timeout of a session whose cookie ends so many milliseconds from now, in seconds. */
export function idleOf(maxAge: number | null | undefined): number | undefined {
  if (typeof maxAge !== "number" || !Number.isFinite(maxAge)) return undefined;
  return Math.min(Math.max(maxAge / 1000, 1), LONGEST);
}
