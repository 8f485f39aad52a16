/** Such a request may also write. */
export default defineEventHandler(async (event) => {
  const { session } = event.context;
  session.update("cart", (cart = []) => [...cart, "outer"]);
  await event.$fetch("/api/add", { method: "POST" });
  return { cart: session.get("cart")?.length };
});
