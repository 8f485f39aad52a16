export default defineEventHandler(({ context: { session } }) => ({
  user: session.get("user_id") ?? "nobody",
  cart: session.get("cart")?.length ?? 0,
}));
