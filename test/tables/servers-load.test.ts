/** Several processes at one session: nothing is lost, and log-out wins. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSessions } from "../../src/core/sessions.ts";
import { tableStore } from "../../src/stores/table/table-store.ts";
import { requireBuilt } from "../setup/project.ts";
import { Browser } from "../support/browser.ts";
import { SERVERS, fewer } from "../support/servers/tables.ts";
import type { OpenServer } from "../support/servers/tables.ts";
import { tell } from "../support/servers/servers.ts";

interface Result {
  readonly done: number;
  /** Requests that were told that nothing was written, and were made again. */
  readonly conflicts: number;
  readonly cookies: number;
  readonly errors: readonly string[];
}

interface Child {
  start(): void;
  /** It has made a first write. */
  readonly atIt: Promise<void>;
  readonly result: Promise<Result>;
}

/** Starts a process and waits until it is ready to begin. */
async function startChild(args: readonly string[]): Promise<Child> {
  const script = fileURLToPath(new URL("../support/servers/load-child.mjs", import.meta.url));
  const child = spawn(process.execPath, [script, ...args], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => String((await lines.next()).value);
  expect(await next()).toBe("ready");
  const atIt = next().then((line) => expect(line).toBe("at it"));
  return {
    start: () => void child.stdin.write("go\n"),
    atIt,
    result: atIt.then(next).then((line) => JSON.parse(line) as Result),
  };
}

const PROCESSES = 4;

describe.each(SERVERS)("four processes over %s", (kind, has, open) => {
  const increments = fewer(kind, 200);
  const writers = fewer(kind, 100);
  let opened: OpenServer;
  beforeAll(async () => {
    requireBuilt();
    if (has) opened = await open();
  }, 30_000);
  afterAll(() => opened?.close());

  /** A signed-in browser, and the processes to which its copies send requests. */
  async function signIn(task: "add" | "write", each: number) {
    const sessions = createSessions({
      store: tableStore({ table: opened.table }),
      key: "sid",
      subject: "user",
    });
    const browser = new Browser(sessions, Date.now);
    await browser.visit((conn) => sessions.putSession(conn, "user", "alice"));
    const cookie = browser.jar.value("sid") ?? "";
    const args = [kind, opened.url, opened.name, cookie, task, `${each}`];
    const children = await Promise.all(Array.from({ length: PROCESSES }, () => startChild(args)));
    return { sessions, browser, children };
  }

  it.skipIf(!has)(
    `L5: four processes make ${increments} increments at once, and the sum is ${increments}`,
    async () => {
      const { sessions, browser, children } = await signIn("add", increments / PROCESSES);
      const start = performance.now();
      for (const child of children) child.start();
      const results = await Promise.all(children.map(({ result }) => result));
      const seconds = (performance.now() - start) / 1000;
      const sum = (pick: (result: Result) => number): number =>
        results.reduce((total, result) => total + pick(result), 0);
      tell(
        `${kind}: ${increments} increments by ${PROCESSES} processes in ${seconds.toFixed(2)} s, ` +
          `${sum(({ conflicts }) => conflicts)} made again after ERR_SESSION_CONFLICT`,
      );
      expect(results.flatMap(({ errors }) => errors)).toEqual([]);
      expect(sum(({ done }) => done)).toBe(increments);
      const { result } = await browser.visit((conn) => sessions.getSession(conn));
      expect(result).toEqual({ user: "alice", n: increments });
    },
    60_000,
  );

  it.skipIf(!has)(
    `L7: four processes with ${writers} writers leave nothing when the session logs out`,
    async () => {
      const { sessions, browser, children } = await signIn("write", writers / PROCESSES);
      const handle = Buffer.from(browser.jar.value("sid") ?? "", "base64url").toString(
        "base64url",
        0,
        16,
      );
      const cookie = browser.jar.cookies.map(String);
      for (const child of children) child.start();
      await Promise.all(children.map(({ atIt }) => atIt));
      const start = performance.now();
      await browser.visit((conn) => sessions.dropSession(conn));
      tell(
        `${kind}: log-out against ${writers} writers in ${(performance.now() - start).toFixed(0)} ms`,
      );
      expect(await opened.table.get(handle)).toBeUndefined();
      const results = await Promise.all(children.map(({ result }) => result));
      expect(results.flatMap(({ errors }) => errors)).toEqual([]);
      for (const { done, cookies } of results) {
        expect(done).toBeGreaterThan(0);
        expect(cookies).toBe(0);
      }
      expect(await opened.table.get(handle)).toBeUndefined();
      browser.jar.take(cookie);
      expect((await browser.visit((conn) => sessions.getSession(conn))).result).toEqual({});
    },
    60_000,
  );
});
