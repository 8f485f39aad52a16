/** An application with users, the browsers of its users, and those who attack it. */
import type { SessionStore } from "../../../src/core/store.ts";
import { createSessions } from "../../../src/core/sessions.ts";
import type { SessionOptions } from "../../../src/core/options/session-options.ts";
import type { Sessions } from "../../../src/core/types.ts";
import { Browser } from "../../support/browser.ts";
import { HOUR, clock } from "../../support/clock.ts";
import type { Clock } from "../../support/clock.ts";
import { refusals } from "../../support/events.ts";
import type { SessionEvent } from "../../support/events.ts";
import { canary } from "../../support/leaks.ts";
import { visit } from "../../support/visit.ts";
import type { Place } from "./stores.ts";

export type Data = Record<string, unknown>;

/** The session cookie's name. */
export const KEY = "sid";
/** Seconds. */
export const GRACE = 10;
export const LIFETIME = { idle: HOUR, absolute: 8 * HOUR } as const;

/** What became of a cookie that somebody offered. */
export interface Offered {
  /** All that the request could read. */
  readonly read: Data;
  readonly refused: readonly string[];
  readonly events: readonly SessionEvent[];
  /** The value of the cookie that came back, `""` for one that clears. */
  readonly cookie: string | undefined;
}

export class World {
  readonly place: Place;
  readonly time: Clock = clock();
  /** What each user's session holds, and nobody else may see. */
  readonly canary: string = canary();

  constructor(place: Place) {
    this.place = place;
  }

  /** The sessions of a process of its own. */
  sessions(
    options: Partial<SessionOptions<Data>> = {},
    store: SessionStore = this.place.store(),
  ): Sessions<Data> {
    const base = { store, key: KEY, lifetime: LIFETIME, renewGrace: GRACE, now: this.time.now };
    return createSessions<Data>({ ...base, ...options });
  }

  browser(sessions: Sessions<Data> = this.sessions()): Browser {
    return new Browser(sessions, this.time.now);
  }

  /** A browser in which somebody has logged in. */
  async signedIn(user = "alice", sessions: Sessions<Data> = this.sessions()): Promise<Browser> {
    const browser = this.browser(sessions);
    await this.signIn(browser, user);
    return browser;
  }

  async signIn({ sessions, jar }: Browser, user = "alice"): Promise<void> {
    const { setCookie } = await visit(sessions, jar.header, (conn) => {
      sessions.renewSession(conn);
      sessions.putSession(conn, "user", user);
      sessions.putSession(conn, "canary", this.canary);
    });
    if (setCookie !== undefined) jar.take([setCookie]);
  }

  /** Reads all that a Cookie header opens, without being activity. */
  read(sessions: Sessions<Data>, header: string | undefined): Promise<Offered> {
    return this.offer(sessions, header, ({ get, configure }) => {
      const data = get();
      configure("ignore", true);
      return data;
    });
  }

  /** Writes with a Cookie header; gives what could be read before. */
  write(sessions: Sessions<Data>, header: string | undefined, key = "evil"): Promise<Offered> {
    return this.offer(sessions, header, ({ get, put }) => {
      const data = get();
      put(key, "written by an attacker");
      return data;
    });
  }

  async offer(
    sessions: Sessions<Data>,
    header: string | undefined,
    act: (session: {
      get: () => Data;
      put: (key: string, value: unknown) => unknown;
      configure: (name: "ignore" | "drop" | "renew", value: boolean) => unknown;
    }) => Data,
  ): Promise<Offered> {
    const { result, events, setCookie } = await visit(sessions, header, (conn) =>
      act({
        get: () => ({ ...sessions.getSession(conn) }),
        put: (key, value) => sessions.putSession(conn, key, value),
        configure: (name, value) => sessions.configureSession(conn, name, value),
      }),
    );
    return { read: result, refused: refusals(events), events, cookie: valueOf(setCookie) };
  }
}

export function valueOf(setCookie: string | undefined): string | undefined {
  return setCookie === undefined ? undefined : (/^[^=]*=([^;]*)/.exec(setCookie)?.[1] ?? "");
}

/** The value of a browser's session cookie. */
export function cookieOf({ jar }: Browser): string {
  const value = jar.value(KEY);
  if (value === undefined) throw new Error("the browser has no session cookie");
  return value;
}

/** The public name that a table's cookie begins with. */
export function handleOf(cookie: string): string {
  return Buffer.from(cookie, "base64url").toString("base64url", 0, 16);
}
