export default defineEventHandler((event) => {
  event.context.session.update("cart", (cart = []) => [...cart, "ink"]);
  throw new Error("this handler fails");
});
