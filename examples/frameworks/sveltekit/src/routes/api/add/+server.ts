import { json } from "@sveltejs/kit";

export function POST({ locals: { session } }) {
  session.update("cart", (cart = []) => [...cart, "pen"]);
  return json({ cart: session.get("cart")?.length });
}
