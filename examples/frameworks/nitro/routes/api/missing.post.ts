import { defineHandler, redirect } from "nitro/h3";

export default defineHandler(({ context: { session } }) => {
  session.renew().put("user_id", "eve");
  return redirect("/", 307);
});
