/** Sojourn for Astro 5, 6 and 7. */
import type { AnySessions, HostOptions, Session } from "../../core/types.ts";
import { cookieNameOf, findSession, withSession } from "../adapter.ts";

export { sojourn } from "./_astro/integration.ts";
export type { AstroIntegrationOptions, SojournIntegration } from "./_astro/integration.ts";

/** What Astro gives to a middleware, as far as it matters here. */
export interface AstroContext {
  readonly request: Request;
  readonly locals: object;
  /** Whether the page is made when the application is built. */
  readonly isPrerendered: boolean;
}

/** The options of the middleware. */
export interface AstroSessionOptions extends Pick<HostOptions, "onStoreError"> {
  /** The property of `context.locals`. Default `"session"`. */
  readonly as?: string | undefined;
}

/** A middleware of Astro: `onRequest`. */
export type AstroMiddleware = (
  context: AstroContext,
  next: () => Promise<Response>,
) => Promise<Response>;

/**
 * Makes the middleware `onRequest`, alone or in Astro's `sequence(...)`. Every request has its session as
 * `Astro.locals.session` and `context.locals.session`: in pages, endpoints, actions and server islands. Pages that are
 * made when the application is built have none.
 *
 * Astro renders components while the page streams. So the session of a visitor who brings its cookie is looked at before,
 * and the page is marked private. Write to the session in an action, an endpoint or the frontmatter of a page.
 * @throws ERR_SESSION_CONFIG if an option cannot work
 * @example
 * ```ts no-check="it is built in examples/frameworks/astro"
 * // src/middleware.ts
 * import { session } from "sojourn/astro";
 * import { sessions } from "./sessions";
 *
 * export const onRequest = session(sessions);
 * ```
 */
export function session(
  sessions: AnySessions,
  { as = "session", ...options }: AstroSessionOptions = {},
): AstroMiddleware {
  const cookieName = cookieNameOf(sessions);
  return async function sojourn(context, next) {
    const { request, locals, isPrerendered } = context;
    if (isPrerendered) return next();
    const hasCookie = request.headers.get("cookie")?.includes(cookieName) ?? false;
    const isAgain = findSession(sessions, request) !== undefined;
    const run = (begun: Session): Promise<Response> => {
      (locals as Record<string, unknown>)[as] = begun;
      if (hasCookie && !isAgain) lookFirst(begun);
      return next();
    };
    const response = await withSession(sessions, request, run, options);
    // Astro makes the page of an error by a second pass, after the commit.
    return hasCookie && isAgain ? asPrivate(response) : response;
  };
}

/** Looks before the head leaves. A failure of the store is for whoever needs the session. */
function lookFirst(begun: Session): void {
  try {
    void begun.handle;
  } catch {}
}

function asPrivate(response: Response): Response {
  const headers = new Headers(response.headers);
  headers.append("Vary", "Cookie");
  if (!headers.has("Cache-Control")) headers.set("Cache-Control", "private, no-cache");
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
}
