/** What several cards have. */
import type { Place } from "../visit.ts";
import { html } from "./html.ts";
import type { Html } from "./html.ts";
import type { View } from "./page.ts";

/** What the handler says to Sojourn. */
export function code(...lines: readonly string[]): Html {
  return html`<pre class="code"><code>${lines.join("\n")}</code></pre>`;
}

/** The flash message, where it belongs. */
export function note({ message }: View, place: Place): Html | false {
  return message?.place === place && html`<p class="note" role="status">${message.text}</p>`;
}
