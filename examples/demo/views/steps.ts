/** What the last requests did: the list at the bottom, and one line of it for small screens. */
import type { Step } from "../watch.ts";
import { cookieSize } from "./browser.ts";
import { html } from "./html.ts";
import type { Html } from "./html.ts";
import type { View } from "./page.ts";
import { storedKeys } from "./server.ts";
import { clock, cookieNews } from "./words.ts";

const TRY = [
  "Count up. The session begins with the first thing that is put into it.",
  "Sign in. The cookie's token changes, and the count stays.",
  "Buy some tea, then reload the page: the message was shown once.",
  "Put a few kilobytes in, in one store and in another. Only the sealed cookie grows.",
  "Log out, and see which side forgets.",
] as const;

export function stepsPanel({ steps }: View): Html {
  return html`
    <section class="panel steps" aria-labelledby="steps-title">
      ${steps.length === 0 ? toTry() : requests(steps)}
    </section>
  `;
}

function toTry(): Html {
  return html`
    <h2 id="steps-title">Five things to try</h2>
    <ol class="try">
      ${TRY.map((text) => html`<li>${text}</li>`)}
    </ol>
  `;
}

function requests(steps: readonly Step[]): Html {
  return html`
    <h2 id="steps-title">Your last requests</h2>
    <p class="why">
      One commit per request, just before the answer leaves. What changes nothing writes nothing.
    </p>
    <ol class="requests">
      ${steps.map(
        ({ request, at, events, sent }) => html`
          <li class="${events.length === 0 ? "idle" : "busy"}">
            <code>${request}</code>
            <span>${events.length === 0 ? "nothing to write" : events.join(", ")}</span>
            <span class="${sent === undefined ? "same" : "news"}">${cookieNews(sent)}</span>
            <time datetime="${at.toISOString()}">${clock(at.getTime())}</time>
          </li>
        `,
      )}
    </ol>
  `;
}

/** Where the panels are below the fold, this stays in sight. */
export function glance(view: View): Html {
  const { length } = storedKeys(view);
  return html`
    <nav class="glance" aria-label="At a glance">
      <a href="#browser">Browser: ${cookieSize(view)} bytes</a>
      <a href="#server">Server: ${length} ${length === 1 ? "key" : "keys"}</a>
    </nav>
  `;
}
