import { fetch } from "nitro";
import { defineHandler } from "nitro/h3";

/** Such a request may also write. */
export default defineHandler(async ({ req, context: { session } }) => {
  session.update("cart", (cart = []) => [...cart, "outer"]);
  const cookie = req.headers.get("cookie") ?? "";
  await fetch("/api/add", { method: "POST", headers: { cookie } });
  return { cart: session.get("cart")?.length };
});
