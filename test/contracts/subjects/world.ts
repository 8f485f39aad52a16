/** What the cases about the sessions of a subject work with: one table, processes over it, and people who sign in. */
import { randomBytes } from "node:crypto";
import { createSessions } from "../../../src/core/sessions.ts";
import type { SessionTable } from "../../../src/core/store.ts";
import type { SessionOptions } from "../../../src/core/options/session-options.ts";
import type { SessionInfo } from "../../../src/core/subject/session-info.ts";
import type { Sessions, Subject } from "../../../src/core/types.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import type { TableStoreOptions } from "../../../src/stores/table/table-store.ts";
import { Browser } from "../../support/browser.ts";
import { HOUR, MINUTE, clock } from "../../support/clock.ts";
import type { Clock } from "../../support/clock.ts";

export interface Data {
  readonly user: Subject;
  readonly device: string;
  readonly n: number;
}

/** Seconds. A session is touched every five minutes at most. */
export const IDLE: number = HOUR;
export const ABSOLUTE: number = 3 * HOUR;
export const TOUCH: number = 5 * MINUTE;

export type SubjectsCase = readonly [title: string, run: (world: SubjectsWorld) => Promise<void>];

export class SubjectsWorld {
  readonly table: SessionTable;
  readonly time: Clock = clock();
  /** Nobody else's: the rows of two worlds in one table do not meet. */
  readonly key: string = `sid_${randomBytes(6).toString("hex")}`;

  readonly #secret: Pick<TableStoreOptions, "secret">;

  /** @param secret the secret of every process, if the rows are to be sealed */
  constructor(table: SessionTable, secret: Pick<TableStoreOptions, "secret"> = {}) {
    this.table = table;
    this.#secret = secret;
  }

  /** The sessions of a process of its own, over the table or over what stands before it. */
  process(
    options: Partial<SessionOptions<Data>> = {},
    table: SessionTable = this.table,
  ): Sessions<Data> {
    return createSessions<Data>({
      store: tableStore({ table, ...this.#secret }),
      key: this.key,
      subject: "user",
      lifetime: { idle: IDLE, absolute: ABSOLUTE },
      now: this.time.now,
      ...options,
    });
  }

  browser(sessions: Sessions<Data>): Person {
    return new Person(sessions, this);
  }

  /** Somebody at a new device, who signs in. */
  async logIn(sessions: Sessions<Data>, user: Subject, device = "a device"): Promise<Person> {
    const person = this.browser(sessions);
    await person.logIn(user, device);
    return person;
  }
}

/** Somebody at one device. */
export class Person {
  readonly sessions: Sessions<Data>;
  readonly browser: Browser;
  readonly #world: SubjectsWorld;

  constructor(sessions: Sessions<Data>, world: SubjectsWorld) {
    this.sessions = sessions;
    this.#world = world;
    this.browser = new Browser(sessions, world.time.now);
  }

  async logIn(user: Subject, device = "a device"): Promise<void> {
    await this.browser.visit((conn) => {
      this.sessions.of(conn).renew().put("user", user).put("device", device);
    });
  }

  async logOut(): Promise<void> {
    await this.browser.visit((conn) => this.sessions.dropSession(conn));
  }

  /** Looks at the session, which is activity; gives who is signed in. */
  async look(): Promise<Subject | undefined> {
    return (await this.browser.visit((conn) => this.sessions.getSession(conn, "user"))).result;
  }

  /** Who is signed in, without being activity. */
  async isStill(): Promise<Subject | undefined> {
    const { result } = await this.browser.visit((conn) => {
      const session = this.sessions.of(conn);
      const user = session.get("user");
      session.configure("ignore", true);
      return user;
    });
    return result;
  }

  /** The session's public name. */
  get handle(): string {
    const value = this.browser.jar.value(this.#world.key) ?? "";
    return Buffer.from(value, "base64url").toString("base64url", 0, 16);
  }

  /** The same cookies, at another process. */
  at(sessions: Sessions<Data>): Person {
    const other = new Person(sessions, this.#world);
    other.browser.jar.take(this.browser.jar.cookies.map(String));
    return other;
  }
}

/** The handles of a list. */
export function handlesOf(listed: readonly SessionInfo<unknown>[]): readonly string[] {
  return listed.map(({ handle }) => handle);
}

export function labelsOf(listed: readonly SessionInfo<unknown>[]): readonly unknown[] {
  return listed.map(({ label }) => label);
}
