import { createSessions } from "../../../src/core/sessions.ts";
import type { SessionOptions } from "../../../src/core/options/session-options.ts";
import type { SessionTable } from "../../../src/core/store.ts";
import type { Conn, Sessions } from "../../../src/core/types.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { Browser } from "../../support/browser.ts";
import { DAY, HOUR, clock } from "../../support/clock.ts";
import type { Clock } from "../../support/clock.ts";
import type { SessionEvent } from "../../support/events.ts";
import { Visit, visit } from "../../support/visit.ts";
import type { Answer } from "../../support/visit.ts";

/** Seconds. */
export const EVERY: number = HOUR;
export const GRACE = 10;

export interface Data {
  readonly user?: string;
  readonly n?: number;
  readonly note?: string;
  readonly [name: `k${number}`]: number;
}

/** A session that ann has in one browser, whose token changes every hour that it is used. */
export class Renewing {
  readonly time: Clock;
  readonly sessions: Sessions<Data>;
  readonly browser: Browser;

  private constructor(time: Clock, sessions: Sessions<Data>) {
    this.time = time;
    this.sessions = sessions;
    this.browser = new Browser(sessions, time.now);
  }

  /** Signed in just now. */
  static async begin(
    table: SessionTable = createTable(),
    options: Partial<SessionOptions<Data>> = {},
  ): Promise<Renewing> {
    const time = clock();
    const scene = new Renewing(time, configure(table, time, options));
    await scene.browser.visit((conn) => scene.sessions.putSession(conn, "user", "ann"));
    return scene;
  }

  /** The same, an hour later, when the next token is due. */
  static async due(...args: Parameters<typeof Renewing.begin>): Promise<Renewing> {
    const scene = await Renewing.begin(...args);
    scene.time.pass(EVERY);
    return scene;
  }

  /** The Cookie header that the browser would send now. */
  get cookie(): string {
    return this.browser.jar.header ?? "";
  }

  /** A request that looks. */
  readonly look = (conn: Conn): unknown => this.sessions.getSession(conn, "user");

  /** A request with a Cookie header of one's own; its answer goes into no jar. */
  with<T>(
    cookie: string,
    handler: (conn: Conn) => T,
  ): Promise<Answer & { readonly result: Awaited<T> }> {
    return visit(this.sessions, cookie, handler);
  }

  /** A request that has begun, and not ended. */
  slow(cookie: string): Promise<Visit> {
    return Visit.begin(this.sessions, cookie);
  }

  /** Looks by way of another process. */
  elsewhere(
    table: SessionTable,
    options: Partial<SessionOptions<Data>> = {},
  ): { visit(cookie: string): Promise<Answer & { readonly result: unknown }> } {
    const sessions = configure(table, this.time, options);
    return {
      visit: (cookie) => visit(sessions, cookie, (conn) => sessions.getSession(conn, "user")),
    };
  }

  /** Issues a next token. Gives the cookie from before and the one that was sent; the browser has the second. */
  async rotate(): Promise<{ readonly old: string; readonly next: string }> {
    const old = this.cookie;
    await this.browser.visit(this.look);
    return { old, next: this.cookie };
  }
}

/** The sessions of one process. */
export function configure(
  table: SessionTable,
  time: Clock,
  options: Partial<SessionOptions<Data>> = {},
): Sessions<Data> {
  return createSessions<Data>({
    store: tableStore({ table }),
    key: "session",
    subject: "user",
    lifetime: { idle: DAY, absolute: 30 * DAY, renewEvery: EVERY },
    renewGrace: GRACE,
    now: time.now,
    ...options,
  });
}

/** What happened to the token, among some events. */
export function changesOfToken(events: readonly SessionEvent[]): readonly string[] {
  return events.flatMap((event) =>
    event.name === "renew" || event.name === "retire" ? [`${event.name} ${event.reason}`] : [],
  );
}
