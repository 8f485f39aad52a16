/** The left side: what a visitor does, and the lines of code that do it. */
import { code, note } from "./card-parts.ts";
import { devices } from "./devices.ts";
import { html } from "./html.ts";
import type { Html } from "./html.ts";
import type { View } from "./page.ts";
import { GOODS } from "../visit.ts";

export function cards(view: View): readonly (Html | false)[] {
  const { user_id } = view.data;
  const visitor = user_id === undefined ? signIn(view) : signedIn(view, user_id);
  return [visitor, devices(view), counter(view), cart(view), more(view)];
}

function signIn({ store }: View): Html {
  return html`
    <article class="card" id="visitor">
      <h2>Nobody is signed in</h2>
      <form method="post" action="/${store.name}/sign-in" class="row">
        <label for="name">Any name will do, there is no password</label>
        <input id="name" name="name" required maxlength="40" autocomplete="off" placeholder="Ada" />
        <label for="device">What to call this device, if you like</label>
        <input id="device" name="device" maxlength="40" autocomplete="off" placeholder="Laptop" />
        <button class="primary">Sign in</button>
      </form>
      ${code("renewSession(req)", 'putSession(req, "user_id", name)')}
    </article>
  `;
}

function signedIn(view: View, name: string): Html {
  const { store } = view;
  return html`
    <article class="card" id="visitor">
      <h2>Hello, ${name}</h2>
      ${note(view, "visitor")}
      <form method="post" action="/${store.name}/sign-out" class="row">
        <button>Log out</button>
      </form>
      <p class="why">${store.logout}</p>
      ${code("dropSession(req)")}
    </article>
  `;
}

function counter({ store, data }: View): Html {
  return html`
    <article class="card" id="counter">
      <h2>Counter</h2>
      <form method="post" action="/${store.name}/count" class="row">
        <strong class="count">${data.count ?? 0}</strong>
        <button>Count up</button>
      </form>
      ${code('updateSession(req, "count",', "  (n = 0) => n + 1)")}
    </article>
  `;
}

function cart(view: View): Html {
  const { store, data } = view;
  const items = data.cart ?? [];
  return html`
    <article class="card" id="cart">
      <h2>Cart</h2>
      ${note(view, "cart")}
      <form method="post" action="/${store.name}/cart" class="row even">
        ${GOODS.map((item) => html`<button name="item" value="${item}">+ ${item}</button>`)}
      </form>
      ${
        items.length > 0 &&
        html`<ul class="chips" aria-label="In the cart">
          ${tally(items).map(([item, times]) => html`<li>${times} × ${item}</li>`)}
        </ul>`
      }
      <p class="why">Each item leaves a flash message, which is shown once.</p>
      ${code("req.session.flash(", '  "message", text)')}
    </article>
  `;
}

function more(view: View): Html {
  const { store, handle } = view;
  return html`
    <article class="card" id="more">
      <h2>A new cookie, a larger one</h2>
      ${note(view, "more")}
      <div class="row even">
        <form method="post" action="/${store.name}/renew">
          <button ${handle === undefined && html`disabled`}>Renew</button>
        </form>
        <form method="post" action="/${store.name}/fill">
          <button>Put 1 KB in</button>
        </form>
      </div>
      <p class="why">Renew gives the same data a new cookie. A few kilobytes show its limit.</p>
      ${code("renewSession(req)")}
    </article>
  `;
}

function tally(items: readonly string[]): readonly (readonly [item: string, times: number])[] {
  return [...new Set(items)].map((item) => [item, items.filter((each) => each === item).length]);
}
