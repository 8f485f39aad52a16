/** The seam between one request and where its session is kept. No code. */
import type { SentCookie } from "../../../core/cookie/set-cookie.ts";
import type { Comparison } from "../comparison.ts";
import type { Cookie } from "../cookie.ts";

/** The data of a session by key, and beside it the cookie's attributes. */
export type Row = Readonly<Record<string, unknown>> & { readonly cookie?: object };

/** The session of one browser during one request, which may write it several times. */
export interface Visit {
  /** What handlers see as `req.sessionID`. */
  readonly id: string;
  /** Whether the store has the session, as far as this request knows. */
  readonly isStored: boolean;
  /** Whether the session that was stored has ended meanwhile: this request writes nothing until it begins another one. */
  readonly hasEnded: boolean;
  /** The cookie that the browser should have, not encoded yet; `undefined` if nothing is stored, or it is not known. */
  readonly cookie: string | undefined;
  /** Whether the browser has another cookie than that one. */
  readonly isCookieNew: boolean;
  /** Cookies that the browser shall forget with it, such as those of an adopted session. */
  readonly former?: readonly SentCookie[];
  /** Whether an unchanged session has to be told to the store, so that it lives on. */
  readonly touches: boolean;
  /** Reads the session of the request's cookie; `undefined` if there is none. */
  load(): Promise<Row | undefined>;
  /** Reads the session again, as it is now. */
  reload(): Promise<Row | undefined>;
  /** Writes what has changed. If the session has ended meanwhile, nothing is written. */
  save(changes: Comparison, cookie: Cookie): Promise<void>;
  /** Lets an unchanged session live on, unless it has ended meanwhile. */
  touch(cookie: Cookie): Promise<void>;
  /** Ends whatever the request's cookies open. */
  destroy(): Promise<void>;
  /** Begins a session of which the store knows nothing yet. */
  begin(): void;
}
