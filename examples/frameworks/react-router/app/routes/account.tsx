import { redirect } from "react-router";
import { router } from "../sessions.server";
import type { Route } from "./+types/account";

export async function loader({ context }: Route.LoaderArgs) {
  const user = context.get(router.context).get("user_id");
  if (user === undefined) throw redirect("/");
  return { user };
}

export default function Account({ loaderData }: Route.ComponentProps) {
  return <p id="account">{loaderData.user}</p>;
}
