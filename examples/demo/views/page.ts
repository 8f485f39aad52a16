/** The page: its frame. What stands in it has a file per panel. */
import type { Frozen, SessionError, SessionInfo } from "sojourn";
import type { DemoStore } from "../stores.ts";
import type { Visit } from "../visit.ts";
import type { Step } from "../watch.ts";
import { browserPanel } from "./browser.ts";
import { cards } from "./cards.ts";
import { html } from "./html.ts";
import type { Html } from "./html.ts";
import { serverPanel } from "./server.ts";
import { glance, stepsPanel } from "./steps.ts";

/** All that the page shows. */
export interface View {
  readonly store: DemoStore;
  readonly stores: readonly DemoStore[];
  readonly data: Frozen<Partial<Visit>>;
  readonly handle: string | undefined;
  /** Where the user is signed in; `undefined` where the store keeps no list. */
  readonly devices: readonly SessionInfo<string>[] | undefined;
  readonly message: Frozen<Visit["message"]> | undefined;
  /** The session cookie as this request brought it. */
  readonly received: string | undefined;
  /** The Set-Cookie header that was sent to this browser last. */
  readonly sent: string | undefined;
  /** When the session started, if this process saw it. */
  readonly startedAt: Date | undefined;
  readonly refused: string | undefined;
  readonly steps: readonly Step[];
  readonly now: number;
}

export function page(view: View): Html {
  const { store, stores } = view;
  return frame(
    store.title,
    html`
      <header class="masthead">
        <p class="brand"><span class="mark" aria-hidden="true"></span>Sojourn</p>
        <h1>A session, seen from both sides</h1>
        <p class="lead">
          Press the buttons, and watch what your browser holds and what the server sees.
        </p>
        <nav class="switch" aria-label="Where the session is kept">
          ${stores.map(
            ({ name, title }) =>
              html`<a href="/${name}" ${name === store.name && html`aria-current="page"`}
                >${title}</a
              >`,
          )}
        </nav>
      </header>
      <main id="main" class="board">
        <section class="cards" aria-label="Your visit">${cards(view)}</section>
        ${browserPanel(view)} ${serverPanel(view)} ${stepsPanel(view)}
      </main>
      ${glance(view)}
      <footer>
        <p>${store.restart}</p>
        <p>
          This page shows a session cookie to explain it. A real page never does: whoever has the
          cookie has the session. No script runs here; every button is a form.
        </p>
      </footer>
    `,
  );
}

/** A page for what went wrong. */
export function errorPage(view: {
  readonly text: string;
  /** One that says what to do. */
  readonly error?: SessionError;
  readonly home: string;
}): Html {
  const { text, error, home } = view;
  return frame(
    "Sorry",
    html`
      <main id="main" class="sorry">
        <h1>${text}</h1>
        ${
          error &&
          html`
            <p>In place of the handler's answer came this error:</p>
            <p class="raw"><strong>${error.code}</strong><br />${error.message}</p>
          `
        }
        <p><a class="button" href="${home}">Back to the demo</a></p>
      </main>
    `,
  );
}

function frame(title: string, body: Html): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · Sojourn demo</title>
        <link rel="icon" href="/icon.svg" />
        <link rel="stylesheet" href="/style.css" />
      </head>
      <body>
        <a class="skip" href="#main">Skip to the page</a>
        ${body}
      </body>
    </html>`;
}
