import { redirect } from "react-router";
import { router } from "../sessions.server";
import type { Route } from "./+types/missing";

export async function action({ context }: Route.ActionArgs) {
  context.get(router.context).renew().put("user_id", "eve");
  throw redirect("/");
}
