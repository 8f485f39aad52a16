/** Several processes and a worker thread on one LMDB database. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { Worker } from "node:worker_threads";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { SessionRow } from "../../../src/core/store.ts";
import { lmdbTable } from "../../../src/tables/lmdb.ts";
import type { LmdbTable } from "../../../src/tables/lmdb.ts";
import { World, handleOf, read } from "../../contracts/tables/store-world.ts";
import { requireBuilt } from "../../setup/project.ts";

const CHILD = join(import.meta.dirname, "child.mjs");
const GO: SessionRow = { value: "go", version: 0, expiresAt: 1 };

/** Somebody else on the database: what it says, and its end. */
interface Other {
  readonly lines: AsyncIterableIterator<string>;
  readonly ended: Promise<unknown>;
  /** Whether it has ended. */
  readonly over: () => boolean;
  kill(): void;
}

let path = "";
let table: LmdbTable;
const running = new Set<Other>();

beforeAll(requireBuilt);
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), "sojourn-lmdb-"));
  table = lmdbTable({ path });
});
afterEach(async () => {
  for (const other of running) other.kill();
  await Promise.all([...running].map(({ ended }) => ended));
  running.clear();
  await table.close();
  rmSync(path, { recursive: true });
});

function startProcess(task: string, argument: string): Other {
  const child = spawn(process.execPath, [CHILD, task, path, argument], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return remember(child.stdout, once(child, "close"), () => void child.kill("SIGKILL"));
}

function startThread(task: string, argument: string): Other {
  const worker = new Worker(CHILD, { argv: [task, path, argument], stdout: true });
  return remember(worker.stdout, once(worker, "exit"), () => void worker.terminate());
}

function remember(stdout: Readable, ended: Promise<unknown>, kill: () => void): Other {
  let over = false;
  void ended.then(() => (over = true));
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  const other = { lines, ended, over: () => over, kill };
  running.add(other);
  return other;
}

/** The next line, which must be `expected` and may say more. */
async function hear(other: Other, expected: string): Promise<string> {
  const { value, done } = await other.lines.next();
  if (done) throw new Error(`it ended before it said "${expected}"`);
  expect(value).toContain(expected);
  return value;
}

/** Waits for what others do, who must live to do it. */
async function until(done: () => boolean, others: readonly Other[]): Promise<void> {
  while (!done()) {
    const over = others.find((other) => other.over());
    if (over)
      throw new Error(`a process that should go on has ended, by ${String(await over.ended)}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Lets everybody begin at once. */
async function start(others: readonly Other[]): Promise<void> {
  await Promise.all(others.map((other) => hear(other, "ready")));
  await table.insert("go", GO, 0);
}

/** A session in this process, and the cookie that opens it everywhere. */
async function newSession() {
  const world = new World(table);
  const browser = world.browser(world.process());
  await browser.visit((conn) => browser.sessions.of(conn).put("n", 0));
  return { world, browser, cookie: browser.jar.value("sid") ?? "" };
}

describe("an LMDB database that four processes and a worker thread share", () => {
  const startAll = (task: string, argument: string): Other[] => [
    ...Array.from({ length: 4 }, () => startProcess(task, argument)),
    startThread(task, argument),
  ];

  it("L5: two hundred parallel increments count as two hundred", async () => {
    const { browser, cookie } = await newSession();
    const others = startAll("increment", cookie);
    await start(others);
    const conflicts = await Promise.all(others.map((other) => hear(other, "conflicts")));
    expect(await read(browser)).toEqual({ n: 200 });
    // oxlint-disable-next-line no-console -- the number belongs to the proof
    console.log(`200 increments over LMDB; gave up and were made again: ${conflicts.join(", ")}`);
  });

  it(
    "L7: nothing of a session stays after its log-out, whichever process writes to it",
    { timeout: 60_000 },
    async () => {
      const { world, browser, cookie } = await newSession();
      const handle = handleOf(browser);
      const others = startAll("write", cookie);
      const out = world.elsewhere(browser);
      await start(others);
      // All of them are at it: the row has changed a hundred times.
      const versions = new Set<unknown>();
      await until(() => versions.add(table.get(handle)?.version).size >= 100, others);
      const { setCookie } = await out.visit((conn) => out.sessions.of(conn).drop());
      expect(setCookie).toMatch(/Max-Age=0/);
      expect(table.get(handle)).toBeUndefined();
      const writes = await Promise.all(others.map((other) => hear(other, "writes")));
      expect(table.get(handle)).toBeUndefined();
      expect(await read(browser)).toEqual({});
      // oxlint-disable-next-line no-console -- the number belongs to the proof
      console.log(`a log-out over LMDB against 125 writers: ${writes.join(", ")}`);
    },
  );
});

describe("a process that shares an LMDB database", () => {
  it(
    "a killed process loses no acknowledged commit and leaves no half-written row, and others go on",
    { timeout: 120_000 },
    async () => {
      const acknowledged = new Map<string, number>();
      const listen = async (other: Other): Promise<void> => {
        for await (const line of other.lines) {
          const [key = "", n] = line.split(" ");
          acknowledged.set(key, Number(n));
        }
      };
      const survivor = startProcess("commit", "survivor");
      void listen(survivor);
      const lastOf = (key: string): number => acknowledged.get(key) ?? 0;
      const ROUNDS = 15;
      const rowsOf = (who: string): string[] => Array.from({ length: 8 }, (_, i) => `${who}-${i}`);
      for (let round = 0; round < ROUNDS; round++) {
        const victim = startProcess("commit", `victim${round}`);
        const heard = listen(victim);
        // At another place in its work each time.
        await until(() => lastOf(`victim${round}-0`) >= 5 + 7 * round, [victim, survivor]);
        victim.kill();
        await victim.ended;
        await heard;
        const before = lastOf("survivor-0");
        for (const key of rowsOf(`victim${round}`)) {
          const row = table.get(key);
          const n = row?.version ?? 0;
          expect(n).toBeGreaterThanOrEqual(lastOf(key));
          expect(n - lastOf(key)).toBeLessThanOrEqual(1);
          if (n > 0)
            expect(row).toEqual({
              value: `${n} `.repeat(1 + ((n * 37) % 3_000)),
              version: n,
              expiresAt: n,
            });
        }
        await until(() => lastOf("survivor-0") > before + 1, [survivor]);
      }
      survivor.kill();
      await survivor.ended;
      const commits = [...acknowledged.values()].reduce((sum, n) => sum + n, 0);
      // oxlint-disable-next-line no-console -- the number belongs to the proof
      console.log(
        `${ROUNDS} processes killed over LMDB; ${commits} acknowledged commits, none lost`,
      );
      // The index of deadlines has lost nothing either: whatever was killed, one sweep finds every row.
      const victims = Array.from({ length: ROUNDS }, (_, round) => rowsOf(`victim${round}`));
      const all = [rowsOf("survivor"), ...victims].flat();
      const there = all.filter((key) => table.get(key));
      expect(there.length).toBeGreaterThanOrEqual(acknowledged.size);
      expect(await table.sweep?.(Number.MAX_SAFE_INTEGER)).toBe(there.length);
      for (const key of all) expect(table.get(key)).toBeUndefined();
    },
  );

  it("a process sees what another one has committed, even in a turn in which it has read before", async () => {
    expect(table.get("late")).toBeUndefined();
    // As while one of two requests that arrive together is handled: the event loop does not turn.
    execFileSync(process.execPath, [CHILD, "insert", path, "late"]);
    expect(table.get("late")?.value).toBe("inserted");
  });

  it("a process with writes under way and a blocked event loop does not stop the others", async () => {
    const stopped = startProcess("block", "stopped");
    await start([stopped]);
    await hear(stopped, "blocked");
    for (let i = 0; i < 100; i++) {
      expect(await table.insert(`other-${i}`, GO, 0)).toBe(true);
    }
  });

  it("a process with a full disk gets errors and goes on", async () => {
    // In blocks of 512 bytes, and for this process alone: what it writes beyond is refused.
    const child = spawn(
      "sh",
      ["-c", `ulimit -f 8000; exec "$0" "$@"`, process.execPath, CHILD, "fill", path, "full"],
      {
        stdio: ["ignore", "pipe", "ignore"],
      },
    );
    const other = remember(child.stdout, once(child, "close"), () => void child.kill("SIGKILL"));
    const wrote = /wrote (\d+), reads (\d+)/.exec(await hear(other, "wrote"));
    expect(Number(wrote?.[1])).toBeGreaterThan(20);
    expect(wrote?.[2]).toBe(wrote?.[1]);
    await hear(other, "errors true");
    expect(await other.ended).toEqual([0, null]);
    // Nothing half-written is left, and who has room goes on.
    expect(await table.insert("after", GO, 0)).toBe(true);
    expect(await table.sweep?.(1)).toBe(Number(wrote?.[1]) + 1);
  });

  it("a process that starts again finds what it has written, and only that", async () => {
    const row = { value: "kept", version: 2 ** 53 - 1, expiresAt: Date.UTC(9999, 0) };
    await table.insert("kept", row, 0);
    await table.insert("ended", row, 0);
    await table.delete("ended");
    await table.close();
    table = lmdbTable({ path });
    expect(table.get("kept")).toEqual(row);
    expect(table.get("ended")).toBeUndefined();
  });
});
