import type { Awaitable } from "../../core/awaitable.ts";
import type { AnySessions, HostOptions } from "../../core/types.ts";
import type { ReadonlySessionOf } from "../adapter.ts";
import { nextServer } from "./modules.ts";
import type { NextAnswer } from "./modules.ts";

/** What an application runs in its proxy. Without an answer of its own the request goes on. */
type Guard<S extends AnySessions, Req extends Request> = (
  session: ReadonlySessionOf<S>,
  request: Req,
) => Awaitable<Response | undefined | void>;

/**
 * Answers in the place of Next's proxy. A request that may change something passes here before its action, and both would set the
 * cookie. So only a request for a page is activity here.
 */
export async function runProxy<S extends AnySessions, Req extends Request>(
  sessions: S,
  options: Pick<HostOptions, "onStoreError">,
  request: Req,
  run: Guard<S, Req> = () => undefined,
): Promise<Response> {
  const { NextResponse } = await nextServer();
  const { headers, method } = request;
  if (method !== "GET" && method !== "HEAD") {
    const session = await sessions.read(headers, options);
    return (await run(session as unknown as ReadonlySessionOf<S>, request)) ?? NextResponse.next();
  }
  const { session, commit } = await sessions.open(headers, options);
  void session.available; // The look: this request is activity.
  const given = (await run(session as unknown as ReadonlySessionOf<S>, request)) ?? undefined;
  const { cookie } = await commit();
  const answer = given ?? NextResponse.next();
  if (!cookie) return answer; // A page on which nothing of ours depends may still be stored.
  const response =
    "cookies" in answer ? (answer as NextAnswer) : new NextResponse(answer.body, answer);
  response.cookies.set(cookie.name, cookie.value, cookie.options); // Also for the page, in this request.
  response.headers.set("Cache-Control", "no-store");
  return response;
}
