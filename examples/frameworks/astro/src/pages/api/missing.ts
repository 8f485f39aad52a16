import type { APIRoute } from "astro";

export const POST: APIRoute = ({ locals: { session }, redirect }) => {
  session.renew().put("user_id", "eve");
  return redirect("/", 307);
};
