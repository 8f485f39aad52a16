import { defineHandler, redirect } from "nitro/h3";

export default defineHandler(({ context: { session } }) => {
  session.drop();
  return redirect("/", 303);
});
