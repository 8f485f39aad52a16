import { error, redirect } from "@sveltejs/kit";
import { sessions } from "../server/sessions";

export function load({ locals: { session } }) {
  return {
    user: session.get("user_id"),
    cart: session.get("cart")?.length ?? 0,
    notice: session.flash("notice"),
    devices: devices(session),
    late: writeLate(session),
  };
}

/** The streamed part: it comes when the rest of the page is there already. */
async function devices(session: App.Locals["session"]): Promise<string[]> {
  const user = session.get("user_id");
  const own = session.handle;
  await new Promise((resolve) => setTimeout(resolve, 50));
  const listed =
    user === undefined || process.env.STORE === "sealed" ? [] : await sessions.list(user);
  const handles = listed.length > 0 ? listed.map(({ handle }) => handle) : [own];
  return handles.map((handle) => (handle === own ? "this device" : "another device"));
}

/** A write that comes too late. */
async function writeLate(session: App.Locals["session"]): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, 20));
  try {
    session.put("blob", "late");
    return "written";
  } catch (failure) {
    return (failure as { code?: string }).code ?? "failed";
  }
}

export const actions = {
  async login({ request, locals: { session } }) {
    const name = (await request.formData()).get("name");
    if (typeof name !== "string" || name === "") return;
    session.renew().put("user_id", name).flash("notice", `Welcome, ${name}.`);
    redirect(303, "/");
  },
  add({ locals: { session } }) {
    session.update("cart", (cart = []) => [...cart, "pen"]);
  },
  fail({ locals: { session } }) {
    session.update("cart", (cart = []) => [...cart, "ink"]);
    throw new Error("this action fails");
  },
  lost({ locals: { session } }) {
    session.update("cart", (cart = []) => [...cart, "map"]);
    error(404, "not found");
  },
  logout({ locals: { session } }) {
    session.drop();
    redirect(303, "/");
  },
};
