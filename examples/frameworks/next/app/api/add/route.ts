import { getSession } from "../../../lib/session";

export const POST = getSession.route((session) => {
  session.update("cart", (cart = []) => [...cart, "pen"]);
  return Response.json({ cart: session.get("cart")?.length });
});
