export default defineEventHandler((event) => {
  event.context.session.update("cart", (cart = []) => [...cart, "pen"]);
  return sendRedirect(event, "/", 303);
});
