/** Many processes, and one user's sessions: log-ins at once, log-ins that race a revocation, and how far it has reached. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createSessions } from "../../src/core/sessions.ts";
import type { Sessions } from "../../src/core/types.ts";
import { cookieStore } from "../../src/stores/cookie/cookie-store.ts";
import { tableStore } from "../../src/stores/table/table-store.ts";
import { requireBuilt } from "../setup/project.ts";
import { clock } from "../support/clock.ts";
import { leaks } from "../support/leaks.ts";
import { openLmdb } from "../support/tables/lmdb-table.ts";
import { SERVERS, SLOW, fewer } from "../support/servers/tables.ts";
import type { OpenServer } from "../support/servers/tables.ts";
import { tell } from "../support/servers/servers.ts";

const PLACES: readonly (readonly [kind: string, has: boolean, open: () => Promise<OpenServer>])[] =
  [["lmdb", true, openPlace], ...SERVERS];

/** The processes find the database by its path. */
async function openPlace(): Promise<OpenServer> {
  const { path, ...opened } = openLmdb();
  return { ...opened, url: path, name: "" };
}

interface LogIn {
  /** When the subject had been put: milliseconds since the epoch. */
  readonly put: number;
  readonly cookie: string;
}

/** A process that does what it is told. */
class Child {
  readonly #say: (line: string) => void;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<unknown>;
  readonly #kill: () => void;

  private constructor(args: readonly string[]) {
    const script = fileURLToPath(new URL("../support/servers/subjects-child.mjs", import.meta.url));
    const child = spawn(process.execPath, [script, ...args], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#say = (line) => void child.stdin.write(`${line}\n`);
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    this.#ended = once(child, "exit");
    this.#kill = () => void child.kill();
  }

  static async start(args: readonly string[]): Promise<Child> {
    const child = new Child(args);
    expect((await child.#lines.next()).value).toBe("ready");
    return child;
  }

  async ask<T>(command: string, argument: string | number = ""): Promise<T> {
    this.#say(`${command}\t${argument}`);
    const { value, done } = await this.#lines.next();
    if (done) {
      const how = String(await this.#ended);
      throw new Error(`the process ended, by ${how}, before it answered "${command}"`);
    }
    return JSON.parse(value) as T;
  }

  end(): void {
    this.#kill();
  }
}

/** What no test may say. */
function confide(cookie: string): void {
  leaks.confideCookie(cookie.slice(cookie.indexOf("=") + 1));
}

const PROCESSES = 4;
const LIMIT = 5;

describe.each(PLACES)(
  "L7: the sessions of a subject over %s, in several processes",
  { timeout: 60_000 },
  (kind, has, open) => {
    const logIns = fewer(kind, 100);
    let opened: OpenServer;
    let children: Child[] = [];
    beforeAll(async () => {
      requireBuilt();
      if (has) opened = await open();
    }, 30_000);
    afterAll(() => opened?.close());
    afterEach(() => children.splice(0).forEach((child) => child.end()));

    /** The cookie's name: what other tests leave behind is not under it. */
    let key = "";

    async function start(options: object = {}): Promise<void> {
      key = `sid_${randomBytes(6).toString("hex")}`;
      const args = [kind, opened.url, opened.name, JSON.stringify({ key, ...options })];
      children = await Promise.all(Array.from({ length: PROCESSES }, () => Child.start(args)));
    }

    const all = <T>(command: string, argument?: string | number): Promise<T[]> =>
      Promise.all(children.map((child) => child.ask<T>(command, argument)));

    const here = (): Sessions<{ user: string }> =>
      createSessions({ store: tableStore({ table: opened.table }), key, subject: "user" });

    async function living(logIns: readonly LogIn[]): Promise<number> {
      const [child] = children as [Child];
      let count = 0;
      for (const { cookie } of logIns) {
        confide(cookie);
        if (cookie !== "" && (await child.ask("who", cookie)) === "ann") count++;
      }
      return count;
    }

    it.skipIf(!has)(
      `${logIns} log-ins in ${PROCESSES} processes at once leave ${LIMIT} sessions`,
      async () => {
        await start({ limit: LIMIT, again: SLOW.includes(kind) });
        const made = (await all<LogIn[]>("log in", logIns / PROCESSES)).flat();
        expect(await living(made)).toBe(LIMIT);
        expect(await here().list("ann")).toHaveLength(LIMIT);
      },
    );

    it.skipIf(!has)(
      "no log-in that began before a revocation outlives it, while four processes log in",
      async () => {
        await start();
        await all("go on", fewer(kind, 5));
        let last = 0;
        for (let i = 0; i < 3; i++) {
          last = Date.now();
          await here().revoke("ann");
        }
        const logIns = (await all<LogIn[]>("stop")).flat();
        expect(logIns.length).toBeGreaterThan(0);
        const before = logIns.filter(({ put }) => put <= last);
        expect(await living(before)).toBe(0);
        const listed = await here().list("ann", { limit: 1000 });
        expect(await living(logIns)).toBe(listed.length);
        tell(
          `${kind}: ${logIns.length} log-ins against 3 revocations; of ${before.length} that began before the last one none lives`,
        );
      },
    );

    it.skipIf(!has)(
      "a revocation reaches the next request of every process that is at it",
      async () => {
        await start();
        const [first] = children as [Child];
        const [logIn] = (await first.ask<LogIn[]>("log in", 1)) as [LogIn];
        confide(logIn.cookie);
        await all("watch", logIn.cookie);
        await here().revoke("ann");
        await all("revoked");
        const counted = await all<{ before: number; after: number }>("counted");
        expect(counted.map(({ after }) => after)).toEqual(children.map(() => 0));
        const before = counted.reduce((sum, each) => sum + each.before, 0);
        tell(
          `${kind}: ${before} requests in ${PROCESSES} processes until the revocation, and 0 after it`,
        );
      },
    );

    it.skipIf(!has).each([0, 5])(
      "a revocation reaches the sealed cookies of every process within a staleness of %i seconds",
      async (staleness) => {
        const secret = randomBytes(32).toString("base64url");
        leaks.confide(secret);
        const time = clock();
        const store = cookieStore({ secret, revocations: opened.table, staleness });
        await start({ staleness, secret });
        const admin = createSessions({ store, key, subject: "user", now: time.now });
        const set = (): Promise<unknown> => all("clock", time.now());
        await set();
        const [first] = children as [Child];
        const [{ cookie }] = (await first.ask<LogIn[]>("log in", 1)) as [LogIn];
        confide(cookie);
        const accepted = async (): Promise<number> =>
          (await all<string>("who", cookie)).filter((user) => user === "ann").length;
        time.pass(1);
        await set();
        expect(await accepted()).toBe(PROCESSES);
        await admin.revoke("ann");
        const revokedAt = time.now();
        let last: number | undefined;
        for (const seconds of [0, 0.001, 1, 3.998, 0.001, 5]) {
          time.pass(seconds);
          await set();
          if ((await accepted()) > 0) last = time.now() - revokedAt;
        }
        expect(last).toBe(staleness === 0 ? undefined : 4999);
        const said = last === undefined ? "none" : `the last after ${last / 1000} s`;
        tell(
          `${kind}: sealed cookies accepted after a revocation, staleness ${staleness} s: ${said}`,
        );
      },
    );
  },
);
