export default defineEventHandler((event) => {
  event.context.session.drop();
  return sendRedirect(event, "/", 303);
});
