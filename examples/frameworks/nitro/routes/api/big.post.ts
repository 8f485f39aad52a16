import { randomBytes } from "node:crypto";
import { defineHandler } from "nitro/h3";

/** A commit that fails where the session is in the cookie: the cookie would be too long. */
export default defineHandler(({ context: { session } }) => {
  session.put("blob", randomBytes(4000).toString("base64"));
  return { stored: true };
});
