import { defineHandler } from "nitro/h3";

export default defineHandler(({ context: { session } }) => {
  session.update("cart", (cart = []) => [...cart, "pen"]);
  return { cart: session.get("cart")?.length };
});
