import type { APIRoute } from "astro";

export const GET: APIRoute = ({ locals: { session } }) =>
  Response.json({
    user: session.get("user_id") ?? "nobody",
    cart: session.get("cart")?.length ?? 0,
  });
