import { Suspense } from "react";
import { Await, Form, data, redirect } from "react-router";
import { router, sessions } from "../sessions.server";
import type { Route } from "./+types/home";

export async function loader({ context }: Route.LoaderArgs) {
  const session = context.get(router.context);
  const { cart = [] } = session.get();
  return { cart: cart.length, notice: session.flash("notice") ?? "", devices: devices(session) };
}

/** The streamed part: it comes when the rest of the page is there already. */
async function devices(session: ReturnType<typeof sessions.of>): Promise<readonly string[]> {
  const user = session.get("user_id");
  await new Promise((resolve) => setTimeout(resolve, 50));
  const listed =
    user === undefined || process.env.STORE === "sealed" ? [] : await sessions.list(user);
  const handles = listed.length > 0 ? listed.map(({ handle }) => handle) : [session.handle];
  return handles.map((handle) => (handle === session.handle ? "this device" : "another device"));
}

export async function action({ request, context }: Route.ActionArgs) {
  const session = context.get(router.context);
  const form = await request.formData();
  switch (form.get("do")) {
    case "login": {
      const name = form.get("name");
      if (typeof name !== "string" || name === "") return null;
      session.renew().put("user_id", name).flash("notice", `Welcome, ${name}.`);
      throw redirect("/", 303);
    }
    case "add":
      session.update("cart", (cart = []) => [...cart, "pen"]);
      return null;
    case "fail":
      session.update("cart", (cart = []) => [...cart, "ink"]);
      throw new Error("this action fails");
    case "lost":
      session.update("cart", (cart = []) => [...cart, "map"]);
      throw data("nowhere", 404);
    case "logout":
      session.drop();
      throw redirect("/", 303);
  }
  return null;
}

function Button({ id, label }: { readonly id: string; readonly label: string }) {
  return (
    <Form id={id} method="post">
      <input type="hidden" name="do" value={id} />
      {id === "login" && <input name="name" aria-label="name" />}
      <button>{label}</button>
    </Form>
  );
}

export default function Home({ loaderData }: Route.ComponentProps) {
  const { cart, notice, devices } = loaderData;
  return (
    <>
      <p id="cart">{cart}</p>
      <p id="notice">{notice}</p>
      <Button id="login" label="Log in" />
      <Button id="add" label="Add a pen" />
      <Button id="fail" label="Fail" />
      <Button id="lost" label="Not found" />
      <Button id="logout" label="Log out" />
      <Suspense fallback={<p>Your devices …</p>}>
        <Await resolve={devices}>
          {(names) => (
            <ul id="devices">
              {names.map((name, at) => (
                <li key={at}>{name}</li>
              ))}
            </ul>
          )}
        </Await>
      </Suspense>
    </>
  );
}
