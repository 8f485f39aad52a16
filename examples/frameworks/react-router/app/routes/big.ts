import { randomBytes } from "node:crypto";
import { router } from "../sessions.server";
import type { Route } from "./+types/big";

/** A commit that fails where the session is in the cookie: the cookie would be too long. */
export async function action({ context }: Route.ActionArgs) {
  context.get(router.context).put("blob", randomBytes(4000).toString("base64"));
  return Response.json({ stored: true });
}
