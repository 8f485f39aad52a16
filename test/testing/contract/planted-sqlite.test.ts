/** Faults that authors of tables make, planted in real tables of SQLite. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe } from "vitest";
import type { SessionRow, SessionTable } from "../../../src/core/store.ts";
import { sqliteTable } from "../../../src/tables/sqlite.ts";
import type { OpenTable } from "../../../src/testing/contract/open-table.ts";
import { verbsOf } from "../../support/tables/async-table.ts";
import { openSqlite } from "../../support/tables/sqlite-drivers.mjs";
import { testPlanted } from "./planted.ts";
import type { Planted } from "./planted.ts";

/** A table of SQLite that its author has under his hands. */
interface Base {
  readonly table: SessionTable;
  readonly one: (key: string) => SessionRow | undefined;
  /** Runs a statement, and gives the number of rows that it has changed. */
  readonly run: (sql: string, ...values: (string | number)[]) => number;
  /** Does later what an open table can do. libsql ends the process if it is asked after it was closed. */
  readonly later: (milliseconds: number, task: () => unknown) => void;
}

type Fault = (base: Base) => Partial<SessionTable>;

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const wait = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

async function base(path: string): Promise<Base & { close(): void }> {
  const db = await openSqlite("libsql", path);
  const table = sqliteTable(db);
  table.migrate();
  let isOpen = true;
  return {
    table,
    later: (milliseconds, task) => void setTimeout(() => isOpen && task(), milliseconds).unref(),
    one: (key) => table.get(key),
    run: (sql, ...values) => Number(db.prepare(sql).run(...values).changes),
    close() {
      isOpen = false;
      db.close();
    },
  };
}

/** Opens two handles on one file, each of them with the fault. */
function opening(fault: Fault): () => Promise<OpenTable> {
  return async () => {
    const folder = mkdtempSync(join(tmpdir(), "sojourn-planted-"));
    const path = join(folder, "sessions.db");
    const [here, there] = [await base(path), await base(path)];
    const sound = (each: Base): Partial<SessionTable> => ({
      sweep: async (now) => (await each.table.sweep?.(now)) ?? 0,
    });
    return {
      table: verbsOf(here.table, { ...sound(here), ...fault(here) }),
      other: verbsOf(there.table, { ...sound(there), ...fault(there) }),
      fail: () => here.run("DROP TABLE sojourn_sessions"),
      close() {
        here.close();
        there.close();
        rmSync(folder, { recursive: true });
      },
    };
  };
}

const UPDATE =
  "UPDATE sojourn_sessions SET value = ?, version = ?, expires_at = ? WHERE handle = ?";
const REPLACE = "INSERT OR REPLACE INTO sojourn_sessions VALUES (?, ?, ?, ?)";
const DELETE = "DELETE FROM sojourn_sessions WHERE handle = ?";
const columns = ({ value, version, expiresAt }: SessionRow) => [value, version, expiresAt] as const;

/** Changes rows on their way into the table. */
const into =
  (change: (row: SessionRow) => SessionRow): Fault =>
  ({ table }) => ({
    insert: (key, row, now) => table.insert(key, change(row), now),
    replace: (key, version, row, now) => table.replace(key, version, change(row), now),
  });

/** Runs tasks of one handle one after the other for each key, as a lock in the process does. */
function locked(): <T>(key: string, task: () => Promise<T>) => Promise<T> {
  const queues = new Map<string, Promise<unknown>>();
  return (key, task) => {
    const next = (queues.get(key) ?? Promise.resolve()).then(task);
    queues.set(
      key,
      next.catch(() => {}),
    );
    return next;
  };
}

/** Replaces in two steps, which a lock of its own process alone keeps apart from others. */
function replaceBelowLock({ one, run }: Base): SessionTable["replace"] {
  const lock = locked();
  return (key, version, row) =>
    lock(key, async () => {
      const current = one(key);
      if (!current) return "gone";
      if (current.version !== version) return current;
      await tick();
      run(UPDATE, ...columns(row), key);
      return "done";
    });
}

/** The faults of a report about third-party tables; one more, between processes, is in planted-processes.test.ts. */
const REPORTED: readonly (readonly [...Planted, Fault])[] = [
  [
    "reads, waits, and replaces",
    "of many replaces of one version one is done",
    /should be 1, got \d/,
    ({ one, run }) => ({
      async replace(key, version, row) {
        const current = one(key);
        if (!current) return "gone";
        if (current.version !== version) return current;
        await tick();
        run(UPDATE, ...columns(row), key);
        return "done";
      },
    }),
  ],
  [
    "touches to an earlier deadline",
    "touch never moves the deadline earlier",
    /expiresAt/,
    ({ one, run }) => ({
      touch(key, version, expiresAt) {
        const sql = "UPDATE sojourn_sessions SET expires_at = ? WHERE handle = ? AND version = ?";
        if (run(sql, expiresAt, key, version) > 0) return "done";
        return one(key) ? "conflict" : "gone";
      },
    }),
  ],
  [
    "inserts over a row that is there",
    "insert on a taken key gives false",
    /should be false, got true/,
    ({ run }) => ({ insert: (key, row) => run(REPLACE, key, ...columns(row)) > 0 }),
  ],
  [
    "inserts over a row that is dead",
    "a row whose deadline has passed is there",
    /insert on a dead row's key should be false/,
    ({ one, run, table }) => ({
      insert(key, row, now) {
        const current = one(key);
        if (current && current.expiresAt <= now) run(DELETE, key);
        return table.insert(key, row, now);
      },
    }),
  ],
  [
    "deletes whatever the version",
    "delete of a version removes that version",
    /the answer to a stale delete/,
    ({ run }) => ({ delete: (key) => (run(DELETE, key) > 0 ? "done" : "gone") }),
  ],
  [
    "cuts values at 65,535 bytes",
    "values are up to 1,000,000 bytes",
    /its value/,
    into((row) => ({ ...row, value: Buffer.from(row.value).subarray(0, 65_535).toString() })),
  ],
  [
    "trims the end of values",
    "values are any well-formed text",
    /its value/,
    into((row) => ({ ...row, value: row.value.trimEnd() })),
  ],
  [
    "keeps versions in 32 bits of floating point",
    "versions are exact from 0",
    /should be/,
    ({ table }) => ({
      insert: (key, row, now) =>
        table.insert(key, { ...row, version: Math.fround(row.version) }, now),
      replace: (key, version, row, now) =>
        table.replace(
          key,
          Math.fround(version),
          { ...row, version: Math.fround(row.version) },
          now,
        ),
      touch: (key, version, at, now) => table.touch(key, Math.fround(version), at, now),
      delete: (key, version) =>
        table.delete(key, version === undefined ? version : Math.fround(version)),
    }),
  ],
  [
    "compares 15 digits of a version",
    "versions are exact from 0",
    /should be/,
    ({ table, one }) => {
      const near = (key: string, version: number): number => {
        const current = one(key)?.version ?? version;
        return current.toPrecision(15) === version.toPrecision(15) ? current : version;
      };
      return {
        replace: (key, version, row, now) => table.replace(key, near(key, version), row, now),
        touch: (key, version, at, now) => table.touch(key, near(key, version), at, now),
      };
    },
  ],
  [
    "makes the row that it was to replace",
    "find a key gone that is not there",
    /replace of no row/,
    ({ one, table }) => ({
      async replace(key, version, row, now) {
        if (one(key)) return table.replace(key, version, row, now);
        await table.insert(key, row, now);
        return "done";
      },
    }),
  ],
  [
    "touches by writing the row that it has read",
    "a touch beside a replace never undoes it",
    /its version|its value/,
    ({ one, run }) => ({
      async touch(key, version, expiresAt) {
        const current = one(key);
        if (!current) return "gone";
        if (current.version !== version) return "conflict";
        await tick();
        const { value } = current;
        run(UPDATE, value, version, Math.max(current.expiresAt, expiresAt), key);
        return "done";
      },
    }),
  ],
  [
    "takes keys of upper and lower case for the same",
    "told apart by case",
    /should be/,
    ({ table }) => ({
      get: (key) => table.get(key.toLowerCase()),
      insert: (key, ...rest) => table.insert(key.toLowerCase(), ...rest),
      replace: (key, ...rest) => table.replace(key.toLowerCase(), ...rest),
      touch: (key, ...rest) => table.touch(key.toLowerCase(), ...rest),
      delete: (key, ...rest) => table.delete(key.toLowerCase(), ...rest),
    }),
  ],
  [
    "keeps deadlines in whole seconds",
    "deadlines are exact to the millisecond",
    /expiresAt/,
    into((row) => ({ ...row, expiresAt: Math.floor(row.expiresAt / 1000) * 1000 })),
  ],
  [
    "hides rows whose deadline has passed by its own clock",
    "a row is there around the time of this machine's clock",
    /a second ago|right now/,
    ({ one }) => ({
      get(key) {
        const current = one(key);
        return current && current.expiresAt > Date.now() ? current : undefined;
      },
    }),
  ],
  [
    "gives with a conflict the row from before the write",
    "of many replaces of one version one is done",
    /the answer to a replace that lost/,
    ({ one, table }) => ({
      async replace(key, version, row, now) {
        const before = one(key);
        await tick();
        const answer = await table.replace(key, version, row, now);
        return typeof answer === "string" ? answer : (before ?? "gone");
      },
    }),
  ],
  [
    "reads from a cache of 50 milliseconds",
    "touch moves the deadline later",
    /after a second touch/,
    ({ one }) => {
      const cache = new Map<string, { at: number; row: SessionRow | undefined }>();
      return {
        async get(key) {
          const hit = cache.get(key);
          if (hit && hit.at > Date.now() - 50) return hit.row;
          const row = one(key);
          cache.set(key, { at: Date.now(), row });
          return row;
        },
      };
    },
  ],
  [
    "reads from a replica that is 5 milliseconds behind",
    "replace writes value, version and deadline",
    /should be/,
    ({ one, table }) => {
      const replica = new Map<string, SessionRow | undefined>();
      const after = <T>(key: string, answer: T): T => {
        const row = one(key);
        setTimeout(() => replica.set(key, row), 5);
        return answer;
      };
      return {
        get: async (key) => replica.get(key),
        insert: async (key, row, now) => after(key, await table.insert(key, row, now)),
        replace: async (key, version, row, now) =>
          after(key, await table.replace(key, version, row, now)),
      };
    },
  ],
  [
    "gives a touched row a new version",
    "touch moves the deadline later and keeps version and value",
    /its version/,
    ({ one, run }) => ({
      touch(key, version, expiresAt) {
        if (!one(key)) return "gone";
        const sql =
          "UPDATE sojourn_sessions SET expires_at = max(expires_at, ?), version = version + 1 WHERE handle = ? AND version = ?";
        return run(sql, expiresAt, key, version) > 0 ? "done" : "conflict";
      },
    }),
  ],
  [
    "looks, waits, and deletes",
    "of many deletes of one row one is done",
    /the number of deletes that were done/,
    ({ one, run }) => ({
      async delete(key, version) {
        const current = one(key);
        if (!current) return "gone";
        if (version !== undefined && current.version !== version) return current;
        await tick();
        run(DELETE, key);
        return "done";
      },
    }),
  ],
  [
    "looks, waits, and inserts",
    "of many inserts of one key one wins",
    /should be 1, got \d/,
    ({ one, run }) => ({
      async insert(key, row) {
        if (one(key)) return false;
        await tick();
        run(REPLACE, key, ...columns(row));
        return true;
      },
    }),
  ],
  [
    "sweeps by key what it has chosen before",
    "sweep takes nothing from those who write at the same time",
    /whose writer got/,
    ({ one, run }) => {
      const keys = new Set<string>();
      return {
        insert(key, row) {
          keys.add(key);
          return run(REPLACE, key, ...columns(row)) > 0;
        },
        async sweep(now) {
          const dead = [...keys].filter((key) => (one(key)?.expiresAt ?? Infinity) <= now);
          let swept = 0;
          for (const key of dead) {
            await tick();
            swept += run(DELETE, key);
          }
          return swept;
        },
      };
    },
  ],
  [
    "sweeps what will die within the hour",
    "sweep removes the dead rows, leaves the others",
    /should be 5, got 6/,
    ({ table }) => ({ sweep: async (now) => (await table.sweep?.(now + 3_600_000)) ?? 0 }),
  ],
  [
    "sweeps a millisecond too early",
    "sweep removes the dead rows, leaves the others",
    /should be 5, got 6/,
    ({ table }) => ({ sweep: async (now) => (await table.sweep?.(now + 1)) ?? 0 }),
  ],
  [
    "keeps the later deadline in a replace",
    "also an earlier one",
    /expiresAt/,
    ({ one, table }) => ({
      replace(key, version, row, now) {
        const expiresAt = Math.max(one(key)?.expiresAt ?? 0, row.expiresAt);
        return table.replace(key, version, { ...row, expiresAt }, now);
      },
    }),
  ],
  [
    "takes a failing read for no row",
    "a database that fails is an error of every method",
    /get answered undefined/,
    ({ one }) => ({
      get(key) {
        try {
          return one(key);
        } catch {
          return undefined;
        }
      },
    }),
  ],
  [
    "gives null for no row",
    "get of a key that was never inserted",
    /should be undefined, got null/,
    ({ one }) => ({ get: (key) => one(key) ?? (null as unknown as undefined) }),
  ],
  [
    "gives a version as text",
    "replace of a stale version gives the current row",
    /its version should be 2, got "2"/,
    ({ one, table }) => {
      const text = (row: SessionRow): SessionRow =>
        ({ ...row, version: String(row.version) }) as unknown as SessionRow;
      return {
        get(key) {
          const row = one(key);
          return row && text(row);
        },
        async replace(...args) {
          const answer = await table.replace(...args);
          return typeof answer === "string" ? answer : text(answer);
        },
      };
    },
  ],
  [
    "says that a write is done before it is stored",
    "a second handle sees each write as soon as it is done",
    /at the second handle after the insert/,
    ({ one, table, later }) => {
      const written = new Map<string, SessionRow>();
      return {
        get: (key) => written.get(key) ?? one(key),
        insert(key, row, now) {
          if (written.has(key)) return false;
          written.set(key, row);
          later(20, () => table.insert(key, row, now));
          return true;
        },
      };
    },
  ],
];

const MORE: readonly (readonly [...Planted, Fault])[] = [
  [
    "replaces in two steps below a lock of its own process",
    "of many replaces by two handles one is done",
    /should be 1, got \d/,
    (base) => ({ replace: replaceBelowLock(base) }),
  ],
  [
    "counts in two steps below a lock of its own process",
    "increments by two handles at once are all there",
    /should be 60, got/,
    (base) => ({ get: async (key) => base.one(key), replace: replaceBelowLock(base) }),
  ],
  [
    "inserts in two steps below a lock of its own process",
    "of many inserts by two handles one wins",
    /should be 1, got \d/,
    ({ one, run }) => {
      const lock = locked();
      return {
        insert: (key, row) =>
          lock(key, async () => {
            if (one(key)) return false;
            await tick();
            run(REPLACE, key, ...columns(row));
            return true;
          }),
      };
    },
  ],
  [
    "touches what it has read below a lock of its own process",
    "a touch by one handle never undoes a replace by the other",
    /its version|its value/,
    ({ one, run }) => {
      const lock = locked();
      return {
        replace: async (key, version, row) => {
          await tick();
          const sql = `${UPDATE} AND version = ?`;
          return run(sql, ...columns(row), key, version) > 0 ? "done" : (one(key) ?? "gone");
        },
        touch: (key, version, expiresAt) =>
          lock(key, async () => {
            const current = one(key);
            if (!current) return "gone";
            if (current.version !== version) return "conflict";
            await tick();
            await tick();
            run(UPDATE, current.value, version, Math.max(current.expiresAt, expiresAt), key);
            return "done";
          }),
      };
    },
  ],
  [
    "keeps a cache that only its own writes refresh",
    "a second handle sees each write as soon as it is done",
    /at the second handle/,
    ({ one, table }) => {
      const cache = new Map<string, SessionRow | undefined>();
      const fresh = <T>(key: string, answer: T): T => {
        cache.delete(key);
        return answer;
      };
      return {
        get(key) {
          if (!cache.has(key)) cache.set(key, one(key));
          return cache.get(key);
        },
        insert: async (key, row, now) => fresh(key, await table.insert(key, row, now)),
        replace: async (key, version, row, now) =>
          fresh(key, await table.replace(key, version, row, now)),
        touch: async (key, version, at, now) =>
          fresh(key, await table.touch(key, version, at, now)),
        delete: async (key, version) => fresh(key, await table.delete(key, version)),
      };
    },
  ],
  [
    "brings a deleted row back by a touch",
    "find a key gone that is not there",
    /touch of no row/,
    ({ run }) => ({
      touch(key, version, expiresAt) {
        run(
          "INSERT INTO sojourn_sessions VALUES (?, '', ?, ?) ON CONFLICT DO UPDATE SET expires_at = max(expires_at, excluded.expires_at)",
          key,
          version,
          expiresAt,
        );
        return "done";
      },
    }),
  ],
  [
    "leaves the deadline as it was in a replace",
    "also an earlier one",
    /expiresAt/,
    ({ one, run }) => ({
      replace(key, version, { value, version: next }) {
        const sql =
          "UPDATE sojourn_sessions SET value = ?, version = ? WHERE handle = ? AND version = ?";
        return run(sql, value, next, key, version) > 0 ? "done" : (one(key) ?? "gone");
      },
    }),
  ],
  [
    "takes a failing write for a row that is gone",
    "a database that fails is an error of every method",
    /replace answered "gone"/,
    ({ table }) => ({
      replace: async (...args) => {
        try {
          return await table.replace(...args);
        } catch {
          return "gone";
        }
      },
    }),
  ],
  [
    "takes a failing insert for a key that is taken",
    "a database that fails is an error of every method",
    /insert answered false/,
    ({ table }) => ({
      insert: async (...args) => {
        try {
          return await table.insert(...args);
        } catch {
          return false;
        }
      },
    }),
  ],
  [
    "takes a failing read of many rows for no rows",
    "a database that fails is an error of every method",
    /getMany answered/,
    ({ one }) => ({
      async getMany(keys) {
        return keys.map((key) => {
          try {
            return [key, one(key)] as const;
          } catch {
            return [key, undefined] as const;
          }
        });
      },
    }),
  ],
  [
    "hides dead rows from getMany",
    "getMany gives for each key what get gives",
    /getMany of/,
    ({ one }) => ({
      getMany: async (keys) =>
        keys.map((key) => {
          const row = one(key);
          return [key, row && row.expiresAt > Date.UTC(2040, 0, 1) ? row : undefined] as const;
        }),
    }),
  ],
  [
    "reads 50 rows at most with getMany",
    "getMany gives for each key what get gives",
    /should be 100, got 50/,
    ({ one }) => ({
      getMany: async (keys) => keys.slice(0, 50).map((key) => [key, one(key)] as const),
    }),
  ],
  [
    "replaces no row that is dead by its own clock",
    "a row is there around the time of this machine's clock",
    /replace with a deadline/,
    ({ one, run }) => ({
      replace(key, version, row) {
        const sql = `${UPDATE} AND version = ? AND expires_at > ?`;
        const done = run(sql, ...columns(row), key, version, Date.now()) > 0;
        return done ? "done" : (one(key) ?? "gone");
      },
    }),
  ],
  [
    "removes rows by a timer, which cannot count so far",
    "a row is there however far its deadline lies ahead",
    /2\^31 milliseconds, a moment later/,
    ({ run, table, later }) => ({
      insert(key, row, now) {
        later(row.expiresAt - now + 300_000, () => run(DELETE, key));
        return table.insert(key, row, now);
      },
    }),
  ],
  [
    "counts deadlines in 31 bits of seconds",
    "a row is there however far its deadline lies ahead",
    /2038/,
    into((row) => ({ ...row, expiresAt: Math.min(row.expiresAt, (2 ** 31 - 1) * 1000) })),
  ],
  [
    "takes a lifetime of more than 30 days for a date, as Memcached does",
    "a row is there however far its deadline lies ahead",
    /30 days/,
    ({ one, run, table }) => ({
      insert(key, row, now) {
        const seconds = Math.floor((row.expiresAt - now) / 1000);
        const inserted = table.insert(key, row, now);
        if (seconds > 30 * 86_400 && seconds * 1000 < now) run(DELETE, key);
        return inserted;
      },
      get: one,
    }),
  ],
  [
    "is full for every session of nobody",
    "a row is kept alike whatever its rank",
    /insert of a row of rank 0 should be true, got "full"/,
    ({ table }) => ({
      insert: (key, row, now) => (row.rank === 0 ? "full" : table.insert(key, row, now)),
    }),
  ],
  [
    "reads values as JSON",
    "values are any well-formed text",
    /its value/,
    ({ one }) => ({
      get(key) {
        const row = one(key);
        if (!row) return undefined;
        try {
          return { ...row, value: JSON.parse(row.value) as string };
        } catch {
          return row;
        }
      },
    }),
  ],
  [
    "says that it takes more bytes than it does",
    "values are up to 1,000,000 bytes",
    /its value/,
    (base) => ({
      maxValue: 100_000,
      ...into((row) => ({ ...row, value: row.value.slice(0, 65_535) }))(base),
    }),
  ],
  [
    "says what it takes as text",
    "values are up to 1,000,000 bytes",
    /maxValue must be a number of bytes, got 1 MB/,
    () => ({ maxValue: "1 MB" as unknown as number }),
  ],
  [
    "says done where a replace has met a conflict",
    "a call that arrives twice changes nothing the second time",
    /the replace that arrives again/,
    ({ one, table }) => ({
      async replace(key, version, row, now) {
        const answer = await table.replace(key, version, row, now);
        return typeof answer !== "string" && one(key)?.version === row.version ? "done" : answer;
      },
    }),
  ],
  [
    "removes with a sweep what was touched meanwhile",
    "sweep goes by the deadline that a row has last got",
    /should be/,
    ({ run, table }) => {
      const first = new Map<string, number>();
      return {
        insert(key, row, now) {
          first.set(key, row.expiresAt);
          return table.insert(key, row, now);
        },
        async sweep(now) {
          let swept = 0;
          for (const [key, expiresAt] of first) if (expiresAt <= now) swept += run(DELETE, key);
          return swept;
        },
      };
    },
  ],
  [
    "waits with a write until others have read",
    "of many replaces of one version one is done",
    /should be 1, got/,
    ({ one, run }) => ({
      async replace(key, version, row) {
        const current = one(key);
        await wait(1);
        if (!current) return "gone";
        if (current.version !== version) return current;
        run(UPDATE, ...columns(row), key);
        return "done";
      },
    }),
  ],
];

describe("the faults of a report, planted in SQLite", () => {
  for (const [fault, finds, says, plant] of REPORTED) {
    testPlanted([fault, finds, says], opening(plant), opening(withMany));
  }
});

describe("more faults, planted in SQLite", () => {
  for (const [fault, finds, says, plant] of MORE) {
    testPlanted([fault, finds, says], opening(plant), opening(withMany));
  }
});

/** A sound `getMany`, so that its cases have something to show. */
function withMany({ one }: Base): Partial<SessionTable> {
  return { getMany: async (keys) => keys.map((key) => [key, one(key)] as const) };
}
