import { randomBytes } from "node:crypto";
import { json } from "@sveltejs/kit";

/** A commit that fails where the session is in the cookie: the cookie would be too long. */
export function POST({ locals: { session } }) {
  session.put("blob", randomBytes(4000).toString("base64"));
  return json({ stored: true });
}
