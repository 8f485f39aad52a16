import { defineHandler } from "nitro/h3";

export default defineHandler(({ context: { session } }) => {
  session.update("cart", (cart = []) => [...cart, "ink"]);
  throw new Error("this handler fails");
});
