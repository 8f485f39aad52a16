/** The card about all sessions of one user: where else somebody of this name is signed in. */
import type { SessionInfo } from "sojourn";
import { code, note } from "./card-parts.ts";
import { html } from "./html.ts";
import type { Html } from "./html.ts";
import type { View } from "./page.ts";
import { fromNow } from "./words.ts";

export function devices(view: View): Html | false {
  const { store, data, devices: listed } = view;
  if (data.user_id === undefined) return false;
  return html`
    <article class="card" id="devices">
      <h2>Your devices</h2>
      ${note(view, "devices")}
      ${
        listed
          ? html`
              <dl class="data">${listed.map((device) => entry(view, device))}</dl>
              <form method="post" action="/${store.name}/sign-out-others" class="row">
                <button ${listed.length < 2 && html`disabled`}>Sign out all others</button>
              </form>
              <p class="why">Sign in from another browser under the same name, and see it here.</p>
            `
          : html`<p class="why">Of sealed cookies the server keeps no list. A table has one.</p>`
      }
      ${code("renewSession(req);", "sessions.revoke(user_id,", "  { except: req })")}
    </article>
  `;
}

function entry({ store, now }: View, device: SessionInfo<string>): Html {
  const name = device.label ?? "A device without a name";
  return html`
    <div>
      <dt>${name}</dt>
      <dd>${device.current ? "this one" : fromNow(device.lastSeenAt.getTime(), now)}</dd>
      <dd>
        ${
          !device.current &&
          html`<form method="post" action="/${store.name}/sign-out-device">
            <button
              class="quiet"
              name="handle"
              value="${device.handle}"
              aria-label="Sign out ${name}"
            >
              Sign out
            </button>
          </form>`
        }
      </dd>
    </div>
  `;
}
