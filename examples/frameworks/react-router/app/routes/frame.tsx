import { Outlet } from "react-router";
import { router } from "../sessions.server";
import type { Route } from "./+types/frame";

/** The frame and the page load at the same time, and share one session. */
export async function loader({ context }: Route.LoaderArgs) {
  return { user: context.get(router.context).get("user_id") ?? "nobody" };
}

export default function Frame({ loaderData }: Route.ComponentProps) {
  return (
    <main>
      <h1>A shop</h1>
      <p id="user">{loaderData.user}</p>
      <Outlet />
    </main>
  );
}
