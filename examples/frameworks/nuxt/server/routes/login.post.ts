export default defineEventHandler(async (event) => {
  const { name } = await readBody<{ name?: unknown }>(event);
  if (typeof name === "string" && name !== "") {
    const { session } = event.context;
    session.renew().put("user_id", name).flash("notice", `Welcome, ${name}.`);
  }
  return sendRedirect(event, "/", 303);
});
