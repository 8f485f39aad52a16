import { defineHandler } from "nitro/h3";
import { html } from "../shop/page";

export default defineHandler(({ context: { session } }) => {
  session.update("cart", (cart = []) => [...cart, "map"]);
  return html("<p>not found</p>", 404);
});
