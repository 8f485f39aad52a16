import type { ResponseHeaders } from "../cookie/response-headers.ts";

/** Options of `sessions.read`. */
export interface ReadOptions {
  /**
   * Whether a look at the session is activity, as it is in a page. A row then lives longer, without a cookie; a sealed
   * cookie does not. Default `false`.
   */
  readonly activity?: boolean | undefined;
  /** What follows if the store fails: `"throw"` (default), or `"anonymous"`, an empty session that refuses writes. */
  readonly onStoreError?: "throw" | "anonymous" | undefined;
}

/** Options of `sessions.open`. */
export interface OpenOptions extends Pick<ReadOptions, "onStoreError"> {
  /** Whether the client has gone, so that no cookie reaches it. Default: it is there. */
  readonly gone?: (() => boolean) | undefined;
  /** Whether the request came over https. Default `true`. */
  readonly secure?: boolean | undefined;
}

/** What a response needs after a commit. */
export interface SessionAnswer {
  /** Whether the session was stored, changed or ended: pages that show it must be made anew. */
  readonly written: boolean;
  /** For a cookie jar: what its `set(name, value, options)` takes. `undefined` leaves the browser's cookie alone. */
  readonly cookie: JarCookie | undefined;
  /**
   * Cookies of the name with former attributes, which the browser shall forget: set them first, where the jar keeps
   * several cookies of one name. Mostly there are none.
   */
  readonly former: readonly JarCookie[];
  /** `cookie` as the value of a `Set-Cookie` header. */
  readonly setCookie: string | undefined;
  /**
   * Writes the cookie and what caches must know into the response's headers. Before the first byte leaves.
   * @param options `streams`: the handler goes on while the body is sent, and may look at the session then
   */
  writeTo(headers: ResponseHeaders, options?: { readonly streams?: boolean | undefined }): void;
}

/** A cookie as the jars of Next, SvelteKit, Astro and others take it. */
export interface JarCookie {
  readonly name: string;
  readonly value: string;
  readonly options: {
    readonly path: string;
    readonly domain?: string;
    readonly httpOnly: boolean;
    readonly secure: boolean;
    readonly sameSite: "strict" | "lax" | "none";
    readonly partitioned?: boolean;
    /** In seconds. */
    readonly maxAge?: number;
    readonly expires?: Date;
  };
}
