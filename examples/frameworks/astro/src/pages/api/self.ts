import type { APIRoute } from "astro";

/** A request that the application makes to itself is a request like any other: it brings the visitor's cookie. */
export const GET: APIRoute = async ({ locals: { session }, request, url }) => {
  const user = session.get("user_id") ?? "nobody";
  const cookie = request.headers.get("cookie") ?? "";
  const answer = await fetch(new URL("/api/cart", url), { headers: { cookie } });
  return Response.json({ user, inner: await answer.json() });
};
