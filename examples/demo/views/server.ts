/** The panel about the server: the data, and the times that it keeps. */
import { inspect } from "node:util";
import { LIFETIME } from "../stores.ts";
import { KEYS } from "../visit.ts";
import { html } from "./html.ts";
import type { Html } from "./html.ts";
import type { View } from "./page.ts";
import { clock, fromNow } from "./words.ts";

export function serverPanel(view: View): Html {
  const { store, handle, refused } = view;
  const keys = storedKeys(view);
  return html`
    <section class="panel server" id="server" aria-labelledby="server-title">
      <h2 id="server-title">What the server sees</h2>
      <p class="why">
        ${handle === undefined ? "No session: for nobody, nothing is kept." : store.place}
      </p>
      ${refused !== undefined && html`<p class="warning">The cookie was refused: ${refused}.</p>`}
      <h3>Data</h3>
      ${
        keys.length === 0
          ? html`<p class="empty">empty</p>`
          : html`<dl class="data">${keys.map((key) => entry(view, key))}</dl>`
      }
      ${times(view)}
    </section>
  `;
}

export function storedKeys({ data }: View): readonly (typeof KEYS)[number][] {
  return KEYS.filter((key) => data[key] !== undefined);
}

function entry({ store, data }: View, key: (typeof KEYS)[number]): Html {
  return html`
    <div>
      <dt><code>${key}</code></dt>
      <dd><code>${inspect(data[key], { maxStringLength: 32, breakLength: 36 })}</code></dd>
      <dd>
        <form method="post" action="/${store.name}/forget">
          <button class="quiet" name="key" value="${key}" aria-label="Forget ${key}">Forget</button>
        </form>
      </dd>
    </div>
  `;
}

function times({ startedAt, handle, now }: View): Html | false {
  if (handle === undefined) return false;
  const start = startedAt?.getTime();
  return html`
    <h3>Name and times</h3>
    <dl class="pairs">
      <div>
        <dt>Handle <small>public, fit for logs</small></dt>
        <dd><code>${handle}</code></dd>
      </div>
      ${start !== undefined && time("Created", start, now)}
      ${time("Ends if idle", now + LIFETIME.idle * 1000, now)}
      ${start !== undefined && time("Ends anyway", start + LIFETIME.absolute * 1000, now)}
    </dl>
  `;
}

function time(what: string, when: number, now: number): Html {
  return html`
    <div>
      <dt>${what}</dt>
      <dd>
        <time datetime="${new Date(when).toISOString()}">${fromNow(when, now)}</time>
        <small>${clock(when)}</small>
      </dd>
    </div>
  `;
}
