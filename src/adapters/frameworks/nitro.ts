/** Sojourn for Nitro 2 and 3, on every preset. */
import { andThen } from "../../core/awaitable.ts";
import type { AnySessions } from "../../core/types.ts";
import { InnerRequests } from "../_seam/inner-requests.ts";
import { findSession } from "../adapter.ts";
import { session as h3Session } from "../h3.ts";
import type { H3SessionEvent, H3SessionOptions } from "../h3.ts";

/** What a plugin of Nitro 2 gets. */
export interface Nitro2App {
  // Each version of Nitro has its own application and hooks.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly h3App: { handler: (event: any) => any };
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly hooks: { hook(name: "request", run: (event: any) => any): unknown };
}

/** An event of Nitro 3. */
export interface Nitro3Event {
  readonly req: Request;
  readonly url: URL;
  readonly context: object;
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly res: any;
}

/** The options. In Nitro 2, `app` is Nitro's own. */
// The declarations of h3's entry type `event.context.session`.
export type NitroSessionOptions = Omit<H3SessionOptions<H3SessionEvent>, "app">;

/** A plugin of Nitro 2, and a middleware of Nitro 3. */
export interface NitroSession {
  (nitroApp: Nitro2App): void;
  (event: Nitro3Event, next: () => unknown): unknown;
}

/**
 * Makes what gives every request its session: for the helpers, and as `event.context.session`. In Nitro 2 it is a plugin,
 * in Nitro 3 a middleware. A request that the application makes to itself shares the session of the outer request.
 * @throws ERR_SESSION_CONFIG if an option cannot work
 * @example
 * ```ts no-check="it is built in examples/frameworks/nitro"
 * // server/plugins/session.ts, in Nitro 2; server/middleware/session.ts, in Nitro 3
 * import { session } from "sojourn/nitro";
 * import { sessions } from "../sessions";
 *
 * export default session(sessions);
 * ```
 */
export function session(sessions: AnySessions, options: NitroSessionOptions = {}): NitroSession {
  const middleware = h3Session(sessions, options);
  const inner = new InnerRequests(sessions);

  // The function has two parameters, because h3 2 counts them.
  return function sojourn(given: Nitro2App | Nitro3Event, next?: () => unknown): unknown {
    if ("h3App" in given) {
      const begin = h3Session(sessions, { ...options, app: given.h3App });
      given.hooks.hook("request", async (event: H3SessionEvent) => void (await begin(event)));
      return undefined;
    }
    const { req } = given;
    const answer = (): unknown => {
      const begun = findSession(sessions, given);
      return begun && next ? inner.run(req, begun, next) : next?.();
    };
    return andThen(inner.lend(req), () => middleware(given, answer));
  };
}
