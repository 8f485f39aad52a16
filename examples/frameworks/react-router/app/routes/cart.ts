import { sessions } from "../sessions.server";
import type { Route } from "./+types/cart";

/** The helpers take the context as well. */
export async function loader({ context }: Route.LoaderArgs) {
  const { user_id: user = "nobody", cart = [] } = sessions.getSession(context);
  return Response.json({ user, cart: cart.length });
}
