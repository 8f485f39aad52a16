/** People who keep working while their sessions' server breaks; afterwards each of them tells what is left. */
import { expect } from "vitest";
import { createSessions } from "../../../src/core/sessions.ts";
import { SessionError } from "../../../src/core/errors.ts";
import type { SessionTable } from "../../../src/core/store.ts";
import type { Sessions } from "../../../src/core/types.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { Browser } from "../browser.ts";
import { pause, until } from "./servers.ts";

interface Data {
  readonly user: string;
  readonly n: number;
  /** Always the same as `n`: a row that was written by halves would show. */
  readonly again: number;
}

class Member {
  /** Commits that were acknowledged: the answer left. */
  done = 0;
  /** Commits that ended in an error, and may or may not have been made. */
  failed = 0;
  readonly user: string;
  readonly #sessions: Sessions<Data>;
  readonly #browser: Browser;

  constructor(user: string, sessions: Sessions<Data>) {
    this.user = user;
    this.#sessions = sessions;
    this.#browser = new Browser(sessions, Date.now);
  }

  async signIn(): Promise<void> {
    await this.#browser.visit((conn) => {
      this.#sessions.renewSession(conn);
      this.#sessions.of(conn).put("user", this.user).put("n", 0).put("again", 0);
    });
  }

  /** One request that counts. Gives what went wrong. */
  async work(): Promise<unknown> {
    try {
      const { result } = await this.#browser.visit((conn) => {
        const session = this.#sessions.of(conn);
        if (session.get("user") !== this.user) return session.get("user");
        session.update("n", (n) => Number(n) + 1).update("again", (again) => Number(again) + 1);
        return this.user;
      });
      if (result === this.user) this.done++;
      return undefined;
    } catch (error) {
      this.failed++;
      return error;
    }
  }

  async read(): Promise<Partial<Data>> {
    const { result } = await this.#browser.visit((conn) => {
      const session = this.#sessions.of(conn);
      const data = session.get();
      session.configure("ignore", true);
      return data;
    });
    return result;
  }
}

/** What is left of the crowd's work. */
export interface Left {
  readonly done: number;
  readonly failed: number;
  /** Acknowledged commits that are not there. */
  readonly lost: number;
}

export class Crowd {
  readonly errors: unknown[] = [];
  readonly #members: readonly Member[];

  private constructor(members: readonly Member[]) {
    this.#members = members;
  }

  /** @param timeout seconds for one call of the table */
  static async signIn(table: SessionTable, size = 10, timeout = 1): Promise<Crowd> {
    const store = tableStore({ table, timeout });
    const sessions = createSessions<Data>({ store, key: "sid", subject: "user" });
    const crowd = new Crowd(
      Array.from({ length: size }, (_, i) => new Member(`user ${i}`, sessions)),
    );
    await Promise.all(crowd.#members.map((member) => member.signIn()));
    return crowd;
  }

  /** All work, each one request after the other, while `event` takes place and a little longer. */
  async workDuring(event: () => Promise<unknown>): Promise<void> {
    const over = new AbortController();
    const working = this.#members.map(async (member) => {
      while (!over.signal.aborted) {
        const error = await member.work();
        if (error !== undefined) {
          this.errors.push(error);
          await pause(5);
        }
      }
    });
    try {
      await pause(100);
      await event();
      await pause(100);
    } finally {
      over.abort();
      await Promise.all(working);
    }
  }

  /** Waits until each of them is served again, by the same client. */
  async isServedAgain(seconds = 15): Promise<void> {
    await until(
      "service for all",
      () => Promise.all(this.#members.map((each) => each.read())),
      seconds,
    );
    await Promise.all(this.#members.map((member) => member.work()));
  }

  /** Looks at every session: its user's own, whole, and with every increment made at most once. */
  async inspect(): Promise<Left> {
    for (const error of this.errors) {
      if (!(error instanceof SessionError)) throw new Error("an untyped error", { cause: error });
      expect(error.code).toBe("ERR_SESSION_STORE");
    }
    let [done, failed, lost] = [0, 0, 0];
    for (const member of this.#members) {
      const data = await member.read();
      done += member.done;
      failed += member.failed;
      const n = data.n ?? 0;
      lost += Math.max(0, member.done - n);
      // A cluster may lose a whole session; what is there is whole, and its owner's.
      if (data.user === undefined) expect(data).toEqual({});
      else expect(data).toEqual({ user: member.user, n, again: n });
      expect(n).toBeLessThanOrEqual(member.done + member.failed);
    }
    return { done, failed, lost };
  }
}
