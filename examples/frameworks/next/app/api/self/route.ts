import { getSession } from "../../../lib/session";

/** A request that the application makes to itself is a request like any other: it brings the visitor's cookie. */
export const GET = getSession.route(async (session, request) => {
  const user = session.get("user_id") ?? "nobody";
  const { origin } = new URL(request.url);
  const cookie = request.headers.get("cookie") ?? "";
  const answer = await fetch(`${origin}/api/cart`, { headers: { cookie } });
  return Response.json({ user, inner: (await answer.json()) as unknown });
});
