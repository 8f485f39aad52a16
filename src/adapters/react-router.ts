/** Sojourn for React Router 8, and 7.9 or later with its middleware: framework mode and data mode. */
import type { Awaitable } from "../core/awaitable.ts";
import type { AnySessions, HostOptions, SessionOf } from "../core/types.ts";
import { readHostOptions } from "./_shared/host-options.ts";
import { withSession } from "./adapter.ts";

/** A context of React Router, as its `createContext` makes one. */
export interface SessionContext<Value> {
  defaultValue?: Value;
}

/** What a middleware of React Router gets, as far as Sojourn needs it. */
export interface MiddlewareArgs<Value> {
  readonly request: Request;
  readonly context: { set(context: SessionContext<Value>, value: Value): void };
}

/** What `session(sessions)` gives. */
export interface RouterSession<S extends AnySessions> {
  /** The middleware: `export const middleware = [router.middleware]` in `root.tsx`. */
  readonly middleware: (
    args: MiddlewareArgs<SessionOf<S>>,
    next: () => Awaitable<Response>,
  ) => Promise<Response>;
  /** `context.get(router.context)` gives the session in loaders, actions and middleware. */
  readonly context: SessionContext<SessionOf<S>>;
}

/**
 * Gives the middleware for React Router, and the context in which it puts the session. The helpers take the `context`
 * of loaders and actions.
 * @throws ERR_SESSION_CONFIG if an option cannot work
 * @example
 * ```ts
 * // session.server.ts
 * import { session } from "sojourn/react-router";
 *
 * export const router = session(sessions);
 *
 * // root.tsx
 * export const middleware = [router.middleware];
 * ```
 */
export function session<S extends AnySessions>(
  sessions: S,
  options: Pick<HostOptions, "onStoreError"> = {},
): RouterSession<S> {
  readHostOptions(options);
  const context: SessionContext<SessionOf<S>> = {};
  return {
    context,
    // The loaders that run after an action get another Request. What both have is the provider.
    middleware: ({ request, context: provider }, next) =>
      withSession(
        sessions,
        request,
        (opened) => {
          provider.set(context, opened);
          return next();
        },
        { ...options, carriers: [provider] },
      ),
  };
}
