/** What the cases about a table store work with: one real table, and processes and browsers over it. */
import { createSessions } from "../../../src/core/sessions.ts";
import type { SessionTable } from "../../../src/core/store.ts";
import type { AnySessions, Sessions } from "../../../src/core/types.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import type { TableStoreOptions } from "../../../src/stores/table/table-store.ts";
import { Browser } from "../../support/browser.ts";
import { HOUR, clock } from "../../support/clock.ts";
import type { Clock } from "../../support/clock.ts";
import { confideRows } from "../../support/tables/confide-rows.ts";

export interface Data {
  readonly user?: string;
  readonly n?: number;
  readonly a?: string;
  readonly b?: string;
  readonly text?: string;
}

/** Seconds for which a renewed token reads. */
export const GRACE = 10;

export type StoreCase = readonly [title: string, run: (world: World) => Promise<void>];

export class World {
  readonly table: SessionTable;
  readonly time: Clock = clock();
  /** Characters of a text that fits into a row with little to spare. A seal makes a text longer by a third. */
  readonly longest: number;
  readonly #secret: Pick<TableStoreOptions, "secret">;

  /** @param secret the secret of every process, if the rows are to be sealed */
  constructor(table: SessionTable, secret: Pick<TableStoreOptions, "secret"> = {}) {
    this.table = table;
    this.#secret = secret;
    const share = secret.secret === undefined ? 0.9 : 0.74;
    this.longest = Math.floor((table.maxValue ?? 1_000_000) * share);
  }

  /** The sessions of a process of its own, over the table or over what stands before it. */
  process(table: SessionTable = this.table, timeout?: number): Sessions<Data> {
    return createSessions<Data>({
      store: tableStore({ table: confideRows(table), timeout, ...this.#secret }),
      key: "sid",
      subject: "user",
      renewGrace: GRACE,
      lifetime: { idle: HOUR, absolute: 3 * HOUR },
      now: this.time.now,
    });
  }

  browser(sessions: AnySessions): Browser {
    return new Browser(sessions, this.time.now);
  }

  /** The same browser, whose requests go to another process. */
  elsewhere(browser: Browser, sessions: AnySessions = this.process()): Browser {
    const other = this.browser(sessions);
    other.jar.take(browser.jar.cookies.map((cookie) => cookie.toString()));
    return other;
  }
}

/** The session's public name: its row's key. */
export function handleOf(browser: Browser): string {
  return Buffer.from(browser.jar.value("sid") ?? "", "base64url").toString("base64url", 0, 16);
}

/** What the browser's cookie reads, without being activity. */
export async function read(browser: Browser): Promise<Data> {
  const { result } = await browser.visit((conn) => {
    const session = browser.sessions.of(conn);
    const data = session.get();
    session.configure("ignore", true);
    return data;
  });
  return result;
}
