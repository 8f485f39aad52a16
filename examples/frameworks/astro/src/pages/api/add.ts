import type { APIRoute } from "astro";

export const POST: APIRoute = ({ locals: { session } }) => {
  session.update("cart", (cart = []) => [...cart, "pen"]);
  return Response.json({ cart: session.get("cart")?.length });
};
