import { getSession } from "../../../lib/session";

/** A commit that fails where the session is in the cookie: the cookie would be too long. */
export const POST = getSession.route(async (session) => {
  const { randomBytes } = await import("node:crypto");
  session.put("blob", randomBytes(4000).toString("base64"));
  return Response.json({ stored: true });
});
