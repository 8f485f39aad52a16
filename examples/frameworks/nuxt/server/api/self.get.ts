/** A request that the application makes to itself shares the session of this one. */
export default defineEventHandler(async (event) => {
  const user = event.context.session.get("user_id") ?? "nobody";
  return { user, inner: await event.$fetch("/api/cart") };
});
