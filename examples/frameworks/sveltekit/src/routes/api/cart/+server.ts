import { json } from "@sveltejs/kit";

export function GET({ locals: { session } }) {
  return json({
    user: session.get("user_id") ?? "nobody",
    cart: session.get("cart")?.length ?? 0,
  });
}
