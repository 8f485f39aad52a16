/** A browser in which mallory was signed in before somebody else is. */
import type { SessionOptions } from "../../../src/core/options/session-options.ts";
import { createSessions } from "../../../src/core/sessions.ts";
import type { SessionStore } from "../../../src/core/store.ts";
import type { Sessions } from "../../../src/core/types.ts";
import { Browser } from "../../support/browser.ts";
import { clock } from "../../support/clock.ts";
import type { Clock } from "../../support/clock.ts";
import { visit } from "../../support/visit.ts";

export type Data = Record<string, unknown>;

export interface Scene {
  readonly time: Clock;
  readonly sessions: Sessions<Data>;
  readonly browser: Browser;
  /** All data that the browser's cookie reads, also in another deployment. */
  read(sessions?: Sessions<Data>): Promise<Data>;
}

const OPTIONS = { key: "session", subject: "user", carry: ["language"] } as const;

export function begin(store: SessionStore, options: Partial<SessionOptions<Data>> = {}): Scene {
  const time = clock();
  const base = { ...OPTIONS, store, now: time.now };
  const sessions = createSessions<Data>({ ...base, ...options });
  const browser = new Browser(sessions, time.now);
  return {
    time,
    sessions,
    browser,
    async read(by = sessions) {
      return (await visit(by, browser.jar.header, (conn) => ({ ...by.getSession(conn) }))).result;
    },
  };
}

/** A session of mallory, who holds a second factor, a form's token, a basket and a language. */
export async function mallory(
  store: SessionStore,
  options?: Partial<SessionOptions<Data>>,
): Promise<Scene> {
  const scene = begin(store, options);
  const { sessions, browser } = scene;
  await browser.visit((conn) => {
    sessions.putSession(conn, "user", "mallory");
    sessions.putSession(conn, "second_factor", true);
    sessions.putSession(conn, "form_token", "known to mallory");
    sessions.putSession(conn, "basket", ["tea"]);
    sessions.putSession(conn, "language", "fr");
  });
  return scene;
}

export const ALL_OF_MALLORY = {
  user: "mallory",
  second_factor: true,
  form_token: "known to mallory",
  basket: ["tea"],
  language: "fr",
};
