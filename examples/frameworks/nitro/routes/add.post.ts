import { defineHandler, redirect } from "nitro/h3";

export default defineHandler(({ context: { session } }) => {
  session.update("cart", (cart = []) => [...cart, "pen"]);
  return redirect("/", 303);
});
