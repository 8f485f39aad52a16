import { defineHandler } from "nitro/h3";

export default defineHandler(({ context: { session } }) => ({
  user: session.get("user_id") ?? "nobody",
  cart: session.get("cart")?.length ?? 0,
}));
