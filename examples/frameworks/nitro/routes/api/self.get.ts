import { fetch } from "nitro";
import { defineHandler } from "nitro/h3";

/** A request that the application makes to itself, with the visitor's cookie, shares the session of this one. */
export default defineHandler(async ({ req, context: { session } }) => {
  const user = session.get("user_id") ?? "nobody";
  const cookie = req.headers.get("cookie") ?? "";
  return { user, inner: await (await fetch("/api/cart", { headers: { cookie } })).json() };
});
