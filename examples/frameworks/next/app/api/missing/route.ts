import { redirect } from "next/navigation";
import { getSession } from "../../../lib/session";

/** Next answers with what a handler throws. */
export const POST = getSession.route((session) => {
  session.renew().put("user_id", "eve");
  redirect("/");
});
