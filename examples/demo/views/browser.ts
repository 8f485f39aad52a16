/** The panel about the browser: the cookie, its size, its attributes. */
import { html } from "./html.ts";
import type { Html } from "./html.ts";
import type { View } from "./page.ts";
import { attributesOf, clears } from "./words.ts";

/** Browsers drop a cookie whose name and value are longer, in bytes. */
const LARGEST_COOKIE = 4096;

export function browserPanel(view: View): Html {
  const { store, received, sent } = view;
  const kept = sent !== undefined && !clears(sent);
  return html`
    <section class="panel browser" id="browser" aria-labelledby="browser-title">
      <h2 id="browser-title">What the browser holds</h2>
      ${
        received === undefined
          ? html`<p class="why">No cookie. It gets one when something is put into the session.</p>`
          : html`
              <p class="why">${store.cookie}</p>
              <h3>The cookie <code>${store.key}</code>, as it came with this request</h3>
              <p class="raw" role="region" aria-label="The cookie's value" tabindex="0">
                ${value(view, received)}
              </p>
            `
      }
      ${received === undefined && kept && lostCookie()} ${sizeOf(view)}
      ${received !== undefined && kept && attributes(sent)}
    </section>
  `;
}

/** A ticket begins with the handle, as base64url; the last character is shared with the token. */
function value({ handle = "" }: View, received: string): Html | string {
  const start = handle.slice(0, -1);
  if (start === "" || !received.startsWith(start)) return received;
  return html`<mark title="the handle">${start}</mark>${received.slice(start.length)}`;
}

/** Name and value, in bytes: that is how browsers count. */
export function cookieSize({ store, received }: View): number {
  return received === undefined ? 0 : store.key.length + received.length;
}

function sizeOf(view: View): Html {
  const size = cookieSize(view);
  return html`
    <h3 id="size">Its size</h3>
    <meter
      aria-labelledby="size"
      min="0"
      max="${LARGEST_COOKIE}"
      high="${LARGEST_COOKIE * 0.75}"
      optimum="0"
      value="${size}"
    ></meter>
    <p class="size"><strong>${size}</strong> of ${LARGEST_COOKIE} bytes, name and value</p>
  `;
}

function attributes(sent: string): Html {
  return html`
    <h3>Its attributes, as last sent</h3>
    <dl class="pairs">
      ${attributesOf(sent).map(
        ([attribute, meaning]) => html`
          <div>
            <dt><code>${attribute}</code></dt>
            <dd>${meaning}</dd>
          </div>
        `,
      )}
    </dl>
  `;
}

function lostCookie(): Html {
  return html`
    <p class="warning" role="alert">
      A cookie was sent, and your browser did not bring it back. Over plain http browsers keep
      Secure cookies for <code>http://localhost</code> only, and Safari not even there: start the
      demo with <code>SESSION_SECURE=false</code>.
    </p>
  `;
}
