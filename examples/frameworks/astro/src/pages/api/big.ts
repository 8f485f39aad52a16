import { randomBytes } from "node:crypto";
import type { APIRoute } from "astro";

/** A commit that fails where the session is in the cookie: the cookie would be too long. */
export const POST: APIRoute = ({ locals: { session } }) => {
  session.put("blob", randomBytes(4000).toString("base64"));
  return Response.json({ stored: true });
};
