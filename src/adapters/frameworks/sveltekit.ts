/** Sojourn for SvelteKit 2 and 3. */
import type { Awaitable } from "../../core/awaitable.ts";
import type { AnySessions, HostOptions } from "../../core/types.ts";
import { InnerRequests } from "../_seam/inner-requests.ts";
import { withSession } from "../adapter.ts";

/** What SvelteKit gives to a hook, as far as it matters here. */
export interface SvelteKitEvent {
  readonly request: Request;
  readonly locals: object;
  /** Whether an endpoint is called by `event.fetch`, within another request. */
  readonly isSubRequest: boolean;
}

/** The options of the hook. */
export interface SvelteKitOptions extends Pick<HostOptions, "onStoreError"> {
  /** The property of `event.locals`. Default `"session"`. */
  readonly as?: string | undefined;
}

/** The hook `handle` of a `hooks.server.ts`. */
export type SvelteKitHandle = <Event extends SvelteKitEvent>(input: {
  readonly event: Event;
  readonly resolve: (event: Event) => Awaitable<Response>;
}) => Promise<Response>;

/**
 * Makes the hook `handle`, alone or in SvelteKit's `sequence(...)`. Every request has its session as
 * `event.locals.session`: in load functions, form actions, endpoints and remote functions. It is committed when
 * SvelteKit has answered. An endpoint that is called by `event.fetch` shares the session of the page.
 * @throws ERR_SESSION_CONFIG if an option cannot work
 * @example
 * ```ts no-check="it is built in examples/frameworks/sveltekit"
 * // src/hooks.server.ts
 * import { session } from "sojourn/sveltekit";
 * import { sessions } from "./sessions.server";
 *
 * export const handle = session(sessions);
 * ```
 */
export function session(
  sessions: AnySessions,
  { as = "session", ...options }: SvelteKitOptions = {},
): SvelteKitHandle {
  const inner = new InnerRequests(sessions);

  return async function sojourn({ event, resolve }) {
    const { request, locals, isSubRequest } = event;
    if (isSubRequest) await inner.lend(request);
    return withSession(
      sessions,
      request,
      (begun) => {
        (locals as Record<string, unknown>)[as] = begun;
        return isSubRequest ? resolve(event) : inner.run(request, begun, () => resolve(event));
      },
      options,
    );
  };
}
