import { redirect } from "@sveltejs/kit";

/** Only users come here. */
export function load({ locals: { session } }) {
  const user = session.get("user_id");
  if (user === undefined) redirect(307, "/");
  return { user };
}
