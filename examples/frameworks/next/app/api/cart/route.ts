import { getSession } from "../../../lib/session";

export const GET = getSession.route((session) =>
  Response.json({
    user: session.get("user_id") ?? "nobody",
    cart: session.get("cart")?.length ?? 0,
  }),
);
