import { router } from "../sessions.server";
import type { Route } from "./+types/self";

/** A request that the application makes to itself is a request like any other: it brings the visitor's cookie. */
export async function loader({ request, context }: Route.LoaderArgs) {
  const user = context.get(router.context).get("user_id") ?? "nobody";
  const cookie = request.headers.get("cookie") ?? "";
  const answer = await fetch(new URL("/api/cart", request.url), { headers: { cookie } });
  return Response.json({ user, inner: (await answer.json()) as unknown });
}
