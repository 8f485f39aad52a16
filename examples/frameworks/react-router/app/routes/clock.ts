import { advance } from "../clock.server";
import type { Route } from "./+types/clock";

export async function action({ request }: Route.ActionArgs) {
  advance(Number(new URL(request.url).searchParams.get("hours")));
  return new Response(null, { status: 204 });
}
