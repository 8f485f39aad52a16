import { json } from "@sveltejs/kit";

/** A request that the application makes to itself shares the session of this one, also what it writes. */
export async function GET({ fetch, locals: { session } }) {
  const user = session.get("user_id") ?? "nobody";
  return json({ user, inner: await (await fetch("/api/cart")).json() });
}

export async function POST({ fetch, locals: { session } }) {
  session.update("cart", (cart = []) => [...cart, "outer"]);
  await fetch("/api/add", { method: "POST" });
  return json({ cart: session.get("cart")?.length });
}
