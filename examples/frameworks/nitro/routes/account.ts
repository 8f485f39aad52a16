import { defineHandler, redirect } from "nitro/h3";
import { escaped, html } from "../shop/page";

/** Only users come here. */
export default defineHandler(({ context: { session } }) => {
  const user = session.get("user_id");
  return user === undefined ? redirect("/", 302) : html(`<p id="account">${escaped(user)}</p>`);
});
