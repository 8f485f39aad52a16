import { randomBytes } from "node:crypto";

/** A commit that fails where the session is in the cookie: the cookie would be too long. */
export default defineEventHandler((event) => {
  event.context.session.put("blob", randomBytes(4000).toString("base64"));
  return { stored: true };
});
