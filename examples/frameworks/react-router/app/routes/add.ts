import { router } from "../sessions.server";
import type { Route } from "./+types/add";

export async function action({ context }: Route.ActionArgs) {
  const session = context.get(router.context);
  session.update("cart", (cart = []) => [...cart, "pen"]);
  return Response.json({ cart: session.get("cart")?.length });
}
