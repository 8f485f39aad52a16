import { defineHandler, redirect } from "nitro/h3";

export default defineHandler(async ({ req, context: { session } }) => {
  const name = (await req.formData()).get("name");
  if (typeof name === "string" && name !== "") {
    session.renew().put("user_id", name).flash("notice", `Welcome, ${name}.`);
  }
  return redirect("/", 303);
});
