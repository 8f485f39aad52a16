/** What tests of sealed rows work with: one table, processes over it with one secret or another, and browsers. */
import { expect } from "vitest";
import { createSessions } from "../../../src/core/sessions.ts";
import type { SessionOptions } from "../../../src/core/options/session-options.ts";
import type { SessionRow, SessionTable } from "../../../src/core/store.ts";
import type { Sessions } from "../../../src/core/types.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import type { TableStoreOptions } from "../../../src/stores/table/table-store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { Browser } from "../browser.ts";
import { HOUR, clock } from "../clock.ts";
import type { Clock } from "../clock.ts";

export interface Data {
  readonly user: string;
  readonly n: number;
  readonly text: string;
}

export type Protected = Omit<TableStoreOptions, "table">;

/** A table that remembers its calls and what it was given, as a copy of the database would. */
export class WatchedTable implements SessionTable {
  readonly calls: string[] = [];
  readonly rows = new Map<string, SessionRow>();
  readonly #table: SessionTable = createTable();

  async get(key: string) {
    this.calls.push("get");
    return this.#table.get(key);
  }

  async insert(...args: Parameters<SessionTable["insert"]>) {
    this.calls.push("insert");
    return this.#kept(args[0], this.#table.insert(...args));
  }

  async replace(...args: Parameters<SessionTable["replace"]>) {
    this.calls.push("replace");
    return this.#kept(args[0], this.#table.replace(...args));
  }

  async touch(...args: Parameters<SessionTable["touch"]>) {
    this.calls.push("touch");
    return this.#table.touch(...args);
  }

  async delete(...args: Parameters<SessionTable["delete"]>) {
    this.calls.push("delete");
    return this.#kept(args[0], this.#table.delete(...args));
  }

  /** Puts a row there, as somebody who writes to the database. */
  async plant(key: string, row: SessionRow): Promise<void> {
    await this.#table.delete(key);
    await this.#table.insert(key, row, 0);
    await this.#kept(key, undefined);
  }

  async #kept<T>(key: string, answer: T): Promise<Awaited<T>> {
    const settled = await answer;
    const row = await this.#table.get(key);
    if (row) this.rows.set(key, row);
    else this.rows.delete(key);
    return settled;
  }
}

export class SealedWorld {
  readonly table: WatchedTable = new WatchedTable();
  readonly time: Clock = clock();

  /** The sessions of a process of its own. */
  process(store: Protected, options: Partial<SessionOptions<Data>> = {}): Sessions<Data> {
    return createSessions<Data>({
      store: tableStore({ table: this.table, ...store }),
      key: "sid",
      subject: "user",
      lifetime: { idle: HOUR, absolute: 3 * HOUR },
      now: this.time.now,
      ...options,
    });
  }

  /** The session's row as it stands in the table. */
  rowOf(visitor: Visitor): SessionRow {
    const row = this.table.rows.get(visitor.handle);
    if (!row) throw new Error("the session has no row");
    return row;
  }

  /** The keys of the rows that are no session's. */
  sideRows(): readonly string[] {
    return [...this.table.rows.keys()].filter((key) => key.length !== 22);
  }

  async signedIn(sessions: Sessions<Data>, user = "ann"): Promise<Visitor> {
    const visitor = new Visitor(new Browser(sessions, this.time.now));
    await visitor.logIn(sessions, user);
    return visitor;
  }
}

/** A browser whose requests go to whatever process the balancer picks. */
export class Visitor {
  readonly browser: Browser;

  constructor(browser: Browser) {
    this.browser = browser;
  }

  /** The cookie's value. */
  get cookie(): string {
    return this.browser.jar.value("sid") ?? "";
  }

  get handle(): string {
    return Buffer.from(this.cookie, "base64url").toString("base64url", 0, 16);
  }

  /** Handle and token, without the authenticator. */
  get pair(): string {
    return this.cookie.slice(0, 64);
  }

  /** The id of the key that has made the authenticator. */
  get keyId(): string {
    return Buffer.from(this.cookie, "base64url").toString("hex", 48, 52);
  }

  logIn(sessions: Sessions<Data>, user: string) {
    return this.#at(sessions, (conn) => sessions.of(conn).renew().put("user", user));
  }

  logOut(sessions: Sessions<Data>) {
    return this.#at(sessions, (conn) => sessions.dropSession(conn));
  }

  look(sessions: Sessions<Data>) {
    return this.#at(sessions, (conn) => sessions.getSession(conn, "user"));
  }

  put(sessions: Sessions<Data>, text: string) {
    return this.#at(sessions, (conn) => {
      sessions.putSession(conn, "text", text);
    });
  }

  /** A request that does not look. */
  pass(sessions: Sessions<Data>) {
    return this.#at(sessions, () => undefined);
  }

  #at<T>(sessions: Sessions<Data>, handler: Parameters<typeof this.browser.visit<T>>[0]) {
    const there = new Browser(sessions, () => 0);
    Object.assign(there, { jar: this.browser.jar });
    return there.visit(handler);
  }
}

/** Visits two machines in every order: reads, writes and one log-in find the user signed in each time. */
export async function staySignedIn(
  world: SealedWorld,
  machines: readonly [Sessions<Data>, Sessions<Data>],
): Promise<void> {
  for (let order = 0; order < 2 ** 6; order++) {
    const at = (n: number): Sessions<Data> => machines[(order >> n) & 1] as Sessions<Data>;
    const visitor = await world.signedIn(at(0));
    for (let n = 1; n < 6; n++) {
      expect((await visitor.look(at(n))).result).toBe("ann");
      await visitor.put(at(n), `visit ${n}`);
      if (n === 3) await visitor.logIn(at(n), "ann");
    }
  }
}
