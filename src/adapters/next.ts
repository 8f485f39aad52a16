/** Sojourn for Next 15 and 16: the App Router and the Pages Router. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Awaitable } from "../core/awaitable.ts";
import type { AnySessions, HostOptions, SessionOf } from "../core/types.ts";
import type { ReadonlySessionOf, SessionAnswer } from "./adapter.ts";
import { readHostOptions } from "./_shared/host-options.ts";
import { nextCache } from "./_next/modules.ts";
import { NextRequests, isAnswerOfNext } from "./_next/next-request.ts";
import type { Writing } from "./_next/next-request.ts";
import { openPage } from "./_next/page.ts";
import { runProxy } from "./_next/proxy.ts";
import { discard } from "./_web/web-host.ts";
import { withAnswer } from "./_seam/with-answer.ts";

/** The context of `getServerSideProps`, as far as Sojourn needs it. */
export interface PageContext {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
}

/** What `session(sessions)` gives: a function that reads, and wrappers for the places that may write. */
export interface NextSession<S extends AnySessions> {
  /**
   * Gives the session to read, in any server component, layout or metadata. It reads the store once per request. Below an
   * action or a route handler it gives what that one has written.
   */
  (): Promise<ReadonlySessionOf<S>>;
  /** Makes a server action that may write. The session is committed when it ends, redirects, is not found or throws. */
  action<Args extends unknown[], Result>(
    run: (session: SessionOf<S>, ...args: Args) => Awaitable<Result>,
  ): (...args: Args) => Promise<Result>;
  /** Makes a route handler that may write. The helpers take its request as well. */
  route<Rest extends unknown[], Req extends Request = Request>(
    run: (session: SessionOf<S>, request: Req, ...rest: Rest) => Awaitable<Response>,
  ): (request: Req, ...rest: Rest) => Promise<Response>;
  /**
   * Makes a proxy, which Next 15 calls middleware. It keeps sealed sessions alive whose pages are only read, and may guard routes:
   * `run` reads the session, and gives an answer or nothing.
   */
  proxy<Req extends Request = Request>(
    run?: (session: ReadonlySessionOf<S>, request: Req) => Awaitable<Response | undefined | void>,
  ): (request: Req) => Promise<Response>;
  /** Makes a `getServerSideProps` of the Pages Router that may write. Its API routes take `sojourn/node`. */
  page<Context extends PageContext, Result>(
    run: (session: SessionOf<S>, context: Context) => Awaitable<Result>,
  ): (context: Context) => Promise<Result>;
}

/**
 * Gives `getSession` for an application of Next.
 * @throws ERR_SESSION_CONFIG if an option cannot work
 * @example
 * ```ts no-check="it is built in examples/frameworks/next"
 * // lib/session.ts
 * import { session } from "sojourn/next";
 *
 * export const getSession = session(sessions);
 *
 * // any server component
 * const user = (await getSession()).get("user_id");
 *
 * // app/actions.ts, a file with "use server"
 * export const logIn = getSession.action(async (session, form: FormData) => {
 *   session.renew().put("user_id", String(form.get("name")));
 * });
 * ```
 */
export function session<S extends AnySessions>(
  sessions: S,
  options: Pick<HostOptions, "onStoreError"> = {},
): NextSession<S> {
  readHostOptions(options);
  const requests = new NextRequests(sessions, options);
  return Object.assign(() => requests.read(), {
    action:
      <Args extends unknown[], Result>(
        run: (session: SessionOf<S>, ...args: Args) => Awaitable<Result>,
      ) =>
      async (...args: Args): Promise<Result> => {
        const writing = await requests.write();
        const [result, answer] = await committed(writing, () => run(writing.session, ...args));
        // With a table no cookie changes, and Next would show the page as it was.
        if (answer?.written) (await nextCache()).refresh?.();
        return result;
      },
    route:
      <Rest extends unknown[], Req extends Request = Request>(
        run: (session: SessionOf<S>, request: Req, ...rest: Rest) => Awaitable<Response>,
      ) =>
      async (request: Req, ...rest: Rest): Promise<Response> => {
        const writing = await requests.write(() => request.signal.aborted);
        sessions.lend(writing.session, request);
        const [response, answer] = await committed(
          writing,
          () => run(writing.session, request, ...rest),
          discard,
        );
        return answer ? withAnswer(response, answer) : response;
      },
    proxy:
      <Req extends Request = Request>(
        run?: (
          session: ReadonlySessionOf<S>,
          request: Req,
        ) => Awaitable<Response | undefined | void>,
      ) =>
      (request: Req): Promise<Response> =>
        runProxy(sessions, options, request, run),
    page:
      <Context extends PageContext, Result>(
        run: (session: SessionOf<S>, context: Context) => Awaitable<Result>,
      ) =>
      (context: Context): Promise<Result> =>
        openPage(sessions, options, context, run),
  });
}

/**
 * Runs what may write, and commits. If it answers by an error, as a redirect does, a commit that fails takes the place
 * of that answer, because a log-in would be lost without a word.
 */
async function committed<S extends AnySessions, Result>(
  writing: Writing<S>,
  run: () => Awaitable<Result>,
  dropAnswer?: (result: Result) => void,
): Promise<[Result, SessionAnswer | undefined]> {
  let result: Result;
  try {
    result = await run();
  } catch (error) {
    const committing = writing.commit();
    await (isAnswerOfNext(error) ? committing : committing.catch(() => undefined));
    throw error;
  }
  try {
    return [result, await writing.commit()];
  } catch (error) {
    dropAnswer?.(result);
    throw error;
  }
}
