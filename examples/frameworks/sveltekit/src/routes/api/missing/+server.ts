import { redirect } from "@sveltejs/kit";

/** SvelteKit answers with what a handler throws. */
export function POST({ locals: { session } }) {
  session.renew().put("user_id", "eve");
  redirect(307, "/");
}
