export default defineEventHandler((event) => {
  event.context.session.update("cart", (cart = []) => [...cart, "map"]);
  throw createError({ statusCode: 404, message: "not found" });
});
