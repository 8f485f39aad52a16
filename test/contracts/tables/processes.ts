/** What a database on disk must bear: processes and worker threads that write to it together, and that are killed. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SessionRow, SessionTable } from "../../../src/core/store.ts";
import type { Awaitable } from "../../../src/core/awaitable.ts";
import { Others, hear, until } from "../../support/tables/others.ts";
import type { Other } from "../../support/tables/others.ts";
import { World, handleOf, read } from "./store-world.ts";

/** A database on disk, as this process has it open. */
export interface SharedTable {
  readonly table: Omit<SessionTable, "get"> & { get(key: string): SessionRow | undefined };
  readonly path: string;
  close(): Awaitable<unknown>;
}

export const GO: SessionRow = { value: "go", version: 0, expiresAt: 1 };

/** Lets everybody begin at once. */
export async function start(table: SessionTable, others: readonly Other[]): Promise<void> {
  await Promise.all(others.map((other) => hear(other, "ready")));
  await table.insert("go", GO, 0);
}

/** A session in this process, and the cookie that opens it everywhere. */
async function newSession(table: SessionTable) {
  const world = new World(table);
  const browser = world.browser(world.process());
  await browser.visit((conn) => browser.sessions.of(conn).put("n", 0));
  return { world, browser, cookie: browser.jar.value("sid") ?? "" };
}

/** @param database the word by which test/support/tables/open-table.mjs knows it */
export function testProcesses(database: string, open: () => Awaitable<SharedTable>): void {
  let shared: SharedTable;
  let others: Others;
  beforeEach(async () => {
    shared = await open();
    others = new Others(database, shared.path);
  });
  afterEach(async () => {
    await others.end();
    await shared.close();
  });

  describe(`a database of ${database} that four processes and a worker thread share`, () => {
    const startAll = (task: string, argument: string): Other[] => [
      ...Array.from({ length: 4 }, () => others.startProcess(task, argument)),
      others.startThread(task, argument),
    ];

    it("L5: two hundred parallel increments count as two hundred", async () => {
      const { browser, cookie } = await newSession(shared.table);
      const all = startAll("increment", cookie);
      await start(shared.table, all);
      const conflicts = await Promise.all(all.map((other) => hear(other, "conflicts")));
      expect(await read(browser)).toEqual({ n: 200 });
      // oxlint-disable-next-line no-console -- the number belongs to the proof
      console.log(
        `200 increments over ${database}; gave up and were made again: ${conflicts.join(", ")}`,
      );
    });

    it(
      "L7: nothing of a session stays after its log-out, whichever process writes to it",
      { timeout: 60_000 },
      async () => {
        const { table } = shared;
        const { world, browser, cookie } = await newSession(table);
        const handle = handleOf(browser);
        const all = startAll("write", cookie);
        const out = world.elsewhere(browser);
        await start(table, all);
        // All of them are at it: the row has changed a hundred times.
        const versions = new Set<unknown>();
        await until(() => versions.add(table.get(handle)?.version).size >= 100, all);
        const { setCookie } = await out.visit((conn) => out.sessions.of(conn).drop());
        expect(setCookie).toMatch(/Max-Age=0/);
        expect(table.get(handle)).toBeUndefined();
        const writes = await Promise.all(all.map((other) => hear(other, "writes")));
        expect(table.get(handle)).toBeUndefined();
        expect(await read(browser)).toEqual({});
        // oxlint-disable-next-line no-console -- the number belongs to the proof
        console.log(`a log-out over ${database} against 125 writers: ${writes.join(", ")}`);
      },
    );
  });

  it(
    `a killed process over ${database} loses no acknowledged commit and leaves no half-written row, and others go on`,
    { timeout: 120_000 },
    async () => {
      const { table } = shared;
      const acknowledged = new Map<string, number>();
      const listen = async (other: Other): Promise<void> => {
        for await (const line of other.lines) {
          const [key = "", n] = line.split(" ");
          acknowledged.set(key, Number(n));
        }
      };
      const survivor = others.startProcess("commit", "survivor");
      void listen(survivor);
      const lastOf = (key: string): number => acknowledged.get(key) ?? 0;
      const ROUNDS = 15;
      const rowsOf = (who: string): string[] => Array.from({ length: 8 }, (_, i) => `${who}-${i}`);
      for (let round = 0; round < ROUNDS; round++) {
        const victim = others.startProcess("commit", `victim${round}`);
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
          if (n > 0) {
            const value = `${n} `.repeat(1 + ((n * 37) % 3_000));
            expect(row).toEqual({ value, version: n, expiresAt: n });
          }
        }
        await until(() => lastOf("survivor-0") > before + 1, [survivor]);
      }
      survivor.kill();
      await survivor.ended;
      const commits = [...acknowledged.values()].reduce((sum, n) => sum + n, 0);
      // oxlint-disable-next-line no-console -- the number belongs to the proof
      console.log(
        `${ROUNDS} processes killed over ${database}; ${commits} acknowledged commits, none lost`,
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
}
