/** Browsers that have several cookies of the session's name, over stores whose table can fail for one session. */
import type { Awaitable } from "../../../src/core/awaitable.ts";
import { createSessions } from "../../../src/core/sessions.ts";
import type { SessionOptions } from "../../../src/core/options/session-options.ts";
import type { SessionStore } from "../../../src/core/store.ts";
import type { Conn, Sessions } from "../../../src/core/types.ts";
import { rowKey } from "../../../src/crypto/row-key.ts";
import { cookieStore } from "../../../src/stores/cookie/cookie-store.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { Browser } from "../../support/browser.ts";
import { clock } from "../../support/clock.ts";
import { OLD_SECRET, SECRET } from "../../support/secrets.ts";
import { CalledTable } from "../../support/tables/called-table.ts";
import type { TableVerb } from "../../support/tables/called-table.ts";
import { visit } from "../../support/visit.ts";
import type { Answer, VisitOptions } from "../../support/visit.ts";

export interface Data {
  readonly user: string;
  readonly n: number;
}

/** A table that answers later, counts its calls, and fails for chosen keys. */
export class FailingTable extends CalledTable {
  readonly calls: string[] = [];
  /** The most calls for rows of sessions that it had to answer at one time. */
  most = 0;
  #waiting = 0;
  readonly #broken = new Set<string>();

  constructor() {
    super(createTable());
  }

  break(...keys: readonly string[]): void {
    for (const key of keys) this.#broken.add(key);
  }

  mend(): void {
    this.#broken.clear();
  }

  forget(): void {
    this.calls.length = 0;
    this.most = 0;
  }

  protected async call<T>(method: TableVerb, key: string, run: () => Awaitable<T>): Promise<T> {
    this.calls.push(method);
    this.#waiting += 1;
    this.most = Math.max(this.most, this.#waiting);
    await new Promise((resolve) => setImmediate(resolve));
    this.#waiting -= 1;
    if (this.#broken.has(key)) throw new Error("the connection was lost");
    return run();
  }
}

/** A session, with the cookie that opens it. */
export interface SignedIn {
  readonly cookie: string;
  readonly handle: string;
}

export type MakeStore = (table: FailingTable) => SessionStore;

/** Stores that end a session for every cookie of it. */
export const ENDING: readonly (readonly [string, MakeStore])[] = [
  ["a table", (table) => tableStore({ table })],
  ["a table with a secret", (table) => tableStore({ table, secret: SECRET })],
  [
    "the cookie store with revocations",
    (revocations) => cookieStore({ secret: OLD_SECRET, revocations }),
  ],
];
export const EVERY: readonly (readonly [string, MakeStore])[] = [
  ...ENDING,
  ["the cookie store", () => cookieStore({ secret: OLD_SECRET })],
];

export class World {
  readonly table: FailingTable = new FailingTable();
  readonly store: SessionStore;
  readonly time = clock();
  readonly sessions: Sessions<Data>;

  constructor(make: MakeStore, options: Partial<SessionOptions<Data>> = { subject: "user" }) {
    this.store = make(this.table);
    this.sessions = this.deploy(options);
  }

  /** The sessions of another deployment over the same store. */
  deploy(options: Partial<SessionOptions<Data>>): Sessions<Data> {
    return createSessions<Data>({
      store: this.store,
      key: "session",
      now: this.time.now,
      ...options,
    });
  }

  async signedIn(user: string): Promise<SignedIn> {
    const browser = new Browser(this.sessions, this.time.now);
    await browser.visit((conn) => this.sessions.putSession(conn, "user", user));
    const { result } = await browser.visit((conn) => this.sessions.of(conn).handle);
    return { cookie: `session=${browser.jar.value("session")}`, handle: result ?? "" };
  }

  /** So many users, each signed in. */
  async users(count: number): Promise<readonly SignedIn[]> {
    return Promise.all(Array.from({ length: count }, (_, n) => this.signedIn(`u${n}`)));
  }

  async visit<T>(
    cookies: readonly string[],
    handler: (conn: Conn) => T,
    options?: VisitOptions,
  ): Promise<Answer & { readonly result: Awaited<T> }> {
    return visit(this.sessions, cookies.join("; "), handler, options);
  }

  async user(cookie: string): Promise<string | undefined> {
    return (await this.visit([cookie], (conn) => this.sessions.getSession(conn, "user"))).result;
  }

  /** From here on every call for one session fails: for its row, or for the record of its end. */
  break({ handle }: SignedIn): void {
    this.table.break(handle, rowKey("ended", "session", handle));
  }
}
