import type { SessionAnswer } from "../../core/request/answer.ts";
import { copyWithHeaders, isError } from "../_web/response-body.ts";
import { mayStream } from "../_web/web-host.ts";

/**
 * Gives a copy of a response with what a commit of `sessions.open` gives: the cookie, and what caches must know. The
 * response itself may be one that the application keeps, or that has headers which cannot be changed.
 * @example
 * ```ts
 * import { withAnswer } from "sojourn/adapter";
 *
 * export async function answer(request: Request): Promise<Response> {
 *   const { session, commit } = await sessions.open(request.headers);
 *   const response = Response.json(session.get());
 *   return withAnswer(response, await commit());
 * }
 * ```
 */
export function withAnswer(response: Response, answer: SessionAnswer): Response {
  // An upgrade is known to its platform by its identity, and sends no headers of ours.
  if (response.status === 101 || isError(response)) return response;
  const streams = mayStream(response);
  return copyWithHeaders(response, (headers) => answer.writeTo(headers, { streams }));
}
