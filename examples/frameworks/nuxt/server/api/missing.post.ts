export default defineEventHandler((event) => {
  event.context.session.renew().put("user_id", "eve");
  return sendRedirect(event, "/", 307);
});
