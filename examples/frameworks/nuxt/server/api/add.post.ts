export default defineEventHandler((event) => {
  const { session } = event.context;
  session.update("cart", (cart = []) => [...cart, "pen"]);
  return { cart: session.get("cart")?.length };
});
