import type { Context, HonoRequest } from "hono";
import { generateCookie, getCookie } from "hono/cookie";
import type { CookieOptions } from "hono/utils/cookie";
import { requestStateOf, shareRequestState } from "../../core/request/attach.ts";
import { SessionError, usageError } from "../../core/errors.ts";
import type { AnySessions } from "../../core/types.ts";
import { merge, readParams } from "./params.ts";
import type { Params } from "./params.ts";

/** The aspects of a request that a connection can fetch. */
export type Aspect = "cookies" | "params" | "session";

/** The bodies that a route can send. */
export type RespBody = string | Uint8Array<ArrayBuffer> | ReadableStream | null;

/** One request and its answer: Dynamo's `conn`, which all session helpers take. */
export interface Connection {
  /** The request, as Hono shows it. */
  readonly req: HonoRequest;
  /** Hono's own context, for everything that this layer leaves out. */
  readonly context: Context;
  readonly method: string;
  readonly path: string;
  /**
   * Parameters of the route, of a form or JSON body, and of the query, in this order of precedence.
   * @throws ERR_SESSION_NOT_FETCHED before `fetch("params")`
   */
  readonly params: Params;
  /** The request's cookies. @throws ERR_SESSION_NOT_FETCHED before `fetch("cookies")` */
  readonly cookies: Readonly<Record<string, string>>;
  /** Fetches aspects of the request, in the given order. A second fetch of the same aspect changes nothing. */
  fetch(aspects: Aspect | readonly Aspect[]): Promise<Connection>;
  /** Sets the answer. A string is sent as plain text unless {@link respContentType} says otherwise. */
  send(status: number, body?: RespBody): Connection;
  /** Sets a redirect as the answer. Default status 302. */
  redirect(to: string, status?: 301 | 302 | 303 | 307 | 308): Connection;
  /** Sets the type of the answer, such as `"text/html"`. It is sent with `charset=utf-8`. */
  respContentType(type: string): Connection;
  putRespHeader(name: string, value: string): Connection;
  deleteRespHeader(name: string): Connection;
  /** Sets another cookie than the session's, with `Path=/` and HttpOnly unless the options say otherwise. */
  putRespCookie(name: string, value: string, options?: CookieOptions): Connection;
  /** Deletes a cookie. It needs the same `path` and `domain` with which the cookie was put. */
  deleteRespCookie(name: string, options?: CookieOptions): Connection;
}

/** The variables of Hono in which the layer keeps a request's connection. */
export interface ConnectionEnv {
  readonly Variables: { readonly conn: HonoConnection };
}

export class HonoConnection implements Connection {
  readonly #context: Context;
  readonly #sessions: AnySessions;
  readonly #respHeaders = new Headers();
  readonly #respCookies = new Map<string, string>();
  #params: Params | undefined;
  #reading: Promise<Params> | undefined;
  #cookies: Record<string, string> | undefined;
  #resp: { readonly status: number; readonly body: RespBody } | undefined;

  constructor(context: Context, sessions: AnySessions) {
    this.#context = context;
    this.#sessions = sessions;
    // The middleware has put the session on Hono's context; the helpers find it on this object, too.
    shareRequestState(requestStateOf(context), this);
  }

  get req(): HonoRequest {
    return this.#context.req;
  }

  get context(): Context {
    return this.#context;
  }

  get method(): string {
    return this.req.method;
  }

  get path(): string {
    return this.req.path;
  }

  get params(): Params {
    if (!this.#params) throw unfetched("params");
    // The route's parameters are read each time, because a `prepare` hook runs before Hono knows them.
    return merge(this.#params, this.req.param());
  }

  get cookies(): Readonly<Record<string, string>> {
    if (!this.#cookies) throw unfetched("cookies");
    return this.#cookies;
  }

  async fetch(aspects: Aspect | readonly Aspect[]): Promise<this> {
    for (const aspect of typeof aspects === "string" ? [aspects] : aspects) {
      await this.#fetch(aspect);
    }
    return this;
  }

  async #fetch(aspect: Aspect): Promise<void> {
    switch (aspect) {
      case "cookies":
        this.#cookies ??= getCookie(this.#context);
        return;
      case "params":
        // All fetches share one reading, because a body can be read only once.
        this.#reading ??= readParams(this.#context);
        this.#params = await this.#reading;
        return;
      case "session":
        this.#cookies ??= getCookie(this.#context);
        await this.#sessions.fetchSession(this.#context);
        return;
      default:
        throw usageError(
          `cannot fetch unknown "${String(aspect)}"; there are cookies, params, session`,
        );
    }
  }

  send(status: number, body: RespBody = null): this {
    if (this.#resp)
      throw usageError("this conn has been answered already; answer it once, and return");
    this.#resp = { status, body: body === "" ? null : body };
    return this;
  }

  redirect(to: string, status: 301 | 302 | 303 | 307 | 308 = 302): this {
    return this.putRespHeader("Location", to.replace(/[^!-~]+/g, encodePart)).send(status);
  }

  respContentType(type: string): this {
    return this.putRespHeader("Content-Type", `${type}; charset=utf-8`);
  }

  putRespHeader(name: string, value: string): this {
    this.#respHeaders.set(name, value);
    return this;
  }

  deleteRespHeader(name: string): this {
    this.#respHeaders.delete(name);
    return this;
  }

  putRespCookie(name: string, value: string, options?: CookieOptions): this {
    this.#respCookies.set(name, generateCookie(name, value, { httpOnly: true, ...options }));
    return this;
  }

  deleteRespCookie(name: string, options?: CookieOptions): this {
    return this.putRespCookie(name, "", { ...options, maxAge: 0, expires: new Date(0) });
  }

  /** Gives the answer as Hono takes it; `undefined` until there is one. */
  response(): Response | undefined {
    if (!this.#resp) return undefined;
    const { status, body } = this.#resp;
    const headers = new Headers(this.#respHeaders);
    // The default is not HTML as in Dynamo, so that a text that a visitor has typed does not become a script.
    if (typeof body === "string" && !headers.has("Content-Type")) {
      headers.set("Content-Type", "text/plain; charset=utf-8");
    }
    for (const cookie of this.#respCookies.values()) headers.append("Set-Cookie", cookie);
    // The context makes the response, so that headers which were set on it stay. It checks the status itself.
    return this.#context.newResponse(body, { status: status as 200, headers });
  }
}

/** Encodes characters that cannot stand in a header, such as line breaks. Other parts may be encoded already. */
function encodePart(part: string): string {
  return encodeURI(Buffer.from(part).toString()); // Buffer replaces half a surrogate pair, which encodeURI would refuse.
}

function unfetched(aspect: Aspect): SessionError {
  return new SessionError(
    "ERR_SESSION_NOT_FETCHED",
    `conn.${aspect} was used before it was fetched; call await conn.fetch("${aspect}") in a prepare hook`,
  );
}
