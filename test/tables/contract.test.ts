/** The table contract is worth what it finds: tables with the faults that databases invite, and the case that tells. */
import { describe, expect, it } from "vitest";
import type { SessionRow, SessionTable } from "../../src/core/store.ts";
import { createTable } from "../../src/tables/named-tables.ts";
import { HOUR, NOW, all } from "../../src/testing/contract/case.ts";
import { tableContract } from "../../src/testing/contract/table-contract.ts";
import { verbsOf } from "../support/tables/async-table.ts";

type Verbs = Partial<SessionTable>;
type Fault = (table: SessionTable) => Verbs;

/** A moment in which others have their turn. */
const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A good table of which some verbs are broken. */
function broken(fault: Fault): SessionTable {
  const table = createTable();
  return verbsOf(table, { sweep: (now) => table.sweep?.(now) ?? 0, ...fault(table) });
}

/** Changes keys and rows on their way into a table, and rows on their way out. */
function translated(change: {
  readonly key?: (key: string) => string;
  readonly version?: (version: number) => number;
  readonly into?: (row: SessionRow) => SessionRow;
}): Fault {
  const { key = (k) => k, version = (v) => v, into = (r) => r } = change;
  return (table) => ({
    get: (k) => table.get(key(k)),
    insert: (k, row, now) => table.insert(key(k), into(row), now),
    replace: (k, v, row, now) => table.replace(key(k), version(v), into(row), now),
    touch: (k, v, at, now) =>
      table.touch(
        key(k),
        version(v),
        into({ value: "", version: v, expiresAt: at }).expiresAt,
        now,
      ),
    delete: (k, v) => table.delete(key(k), v === undefined ? v : version(v)),
  });
}

const FAULTS: readonly (readonly [fault: string, make: Fault, finds: string])[] = [
  [
    "inserts over what is there",
    (table) => ({
      async insert(key, row, now) {
        await table.delete(key);
        return table.insert(key, row, now);
      },
    }),
    "insert on a taken key gives false",
  ],
  [
    "looks before it inserts",
    (table) => ({
      async insert(key, row, now) {
        if (await table.get(key)) return false;
        await pause();
        await table.delete(key);
        return table.insert(key, row, now);
      },
    }),
    "of many inserts of one key one wins",
  ],
  [
    "leaves absent rows out of getMany",
    (table) => ({
      getMany: async (keys) => {
        const pairs = await all(keys.map(async (key) => [key, await table.get(key)] as const));
        return pairs.filter(([, row]) => row !== undefined);
      },
    }),
    "getMany gives for each key what get gives",
  ],
  [
    "gives the rows of getMany under other keys",
    (table) => ({
      getMany: (keys) =>
        all(keys.map(async (key, i) => [key, await table.get(keys.at(i - 1) ?? key)] as const)),
    }),
    "getMany gives for each key what get gives",
  ],
  [
    "replaces whatever the version",
    (table) => ({
      async replace(key, _version, row, now) {
        const current = await table.get(key);
        return current ? table.replace(key, current.version, row, now) : "gone";
      },
    }),
    "replace of a stale version gives the current row",
  ],
  [
    "looks before it replaces",
    (table) => ({
      async replace(key, version, row, now) {
        const current = await table.get(key);
        if (!current) return "gone";
        if (current.version !== version) return current;
        await pause();
        const now2 = await table.get(key);
        return now2 ? table.replace(key, now2.version, row, now) : "gone";
      },
    }),
    "of many replaces of one version one is done",
  ],
  [
    "replaces what is gone",
    (table) => ({
      async replace(key, version, row, now) {
        const answer = await table.replace(key, version, row, now);
        if (answer === "gone") await table.insert(key, row, now);
        return answer;
      },
    }),
    "find a key gone that is not there",
  ],
  [
    "gives back the row that it was to write",
    (table) => ({
      async replace(key, version, row, now) {
        const answer = await table.replace(key, version, row, now);
        return typeof answer === "string" ? answer : row;
      },
    }),
    "replace of a stale version gives the current row",
  ],
  [
    "keeps the later deadline in a replace",
    (table) => ({
      async replace(key, version, row, now) {
        const current = await table.get(key);
        const expiresAt = Math.max(current?.expiresAt ?? 0, row.expiresAt);
        return table.replace(key, version, { ...row, expiresAt }, now);
      },
    }),
    "also an earlier one",
  ],
  [
    "touches with whatever deadline it gets",
    (table) => ({
      async touch(key, version, expiresAt, now) {
        const current = await table.get(key);
        if (!current) return "gone";
        if (current.version !== version) return "conflict";
        await table.replace(key, version, { ...current, expiresAt }, now);
        return "done";
      },
    }),
    "touch never moves the deadline earlier",
  ],
  [
    "touches what it has read, also when others have written since",
    (table) => ({
      async touch(key, version, expiresAt, now) {
        const current = await table.get(key);
        if (!current) return "gone";
        if (current.version !== version) return "conflict";
        await pause();
        const since = await table.get(key);
        if (!since) return "gone";
        const moved = { ...current, expiresAt: Math.max(current.expiresAt, expiresAt) };
        await table.replace(key, since.version, moved, now);
        return "done";
      },
    }),
    "a touch beside a replace never undoes it",
  ],
  [
    "touches whatever the version",
    (table) => ({
      async touch(key, _version, expiresAt, now) {
        const current = await table.get(key);
        return current ? table.touch(key, current.version, expiresAt, now) : "gone";
      },
    }),
    "touch of a stale version is a conflict",
  ],
  [
    "gives a touched row a version of its own",
    (table) => ({
      async touch(key, version, expiresAt, now) {
        const answer = await table.touch(key, version, expiresAt, now);
        const current = await table.get(key);
        if (answer === "done" && current) {
          await table.replace(key, version, { ...current, version: version + 1 }, now);
        }
        return answer;
      },
    }),
    "touch moves the deadline later and keeps version and value",
  ],
  [
    "deletes whatever the version",
    (table) => ({ delete: (key) => table.delete(key) }),
    "delete of a version removes that version",
  ],
  [
    "says that it has deleted what was not there",
    (table) => ({
      async delete(key, version) {
        const answer = await table.delete(key, version);
        return answer === "gone" ? "done" : answer;
      },
    }),
    "of many deletes of one row one is done",
  ],
  [
    "takes version 0 for none",
    (table) => ({ delete: (key, version) => table.delete(key, version || undefined) }),
    "a version of 0 is compared like any other",
  ],
  [
    "forgets a log-out that meets a write",
    (table) => ({
      async replace(key, version, row, now) {
        const answer = await table.replace(key, version, row, now);
        await pause();
        if (answer === "done") await table.insert(key, row, now);
        return answer;
      },
    }),
    "a delete beside many writers leaves no row",
  ],
  [
    "hides rows whose deadline has passed",
    (table) => ({
      async get(key) {
        const row = await table.get(key);
        return row && row.expiresAt > NOW ? row : undefined;
      },
    }),
    "a row whose deadline has passed is there for every method",
  ],
  [
    "takes upper and lower case for the same",
    translated({ key: (k) => k.toLowerCase() }),
    "told apart by case",
  ],
  ["cuts keys", translated({ key: (k) => k.slice(0, 63) }), "told apart by case, by length"],
  [
    "takes - and _ for the same",
    translated({ key: (k) => k.replaceAll("_", "-") }),
    "told apart by case",
  ],
  [
    "compares keys as numbers where it can",
    translated({ key: (k) => String(Number(k) || k) }),
    "told apart by case",
  ],
  [
    "cuts values at 65,535 characters",
    translated({ into: (row) => ({ ...row, value: row.value.slice(0, 65_535) }) }),
    "values are up to 1,000,000 bytes",
  ],
  ...(
    [
      ["trims values", (text) => text.trim()],
      ["normalizes values", (text) => text.normalize("NFC")],
      ["unescapes values", (text) => text.replaceAll("\\\\", "\\")],
      ["changes the ends of lines", (text) => text.replaceAll("\r\n", "\n")],
      ["drops a byte order mark", (text) => text.replace("\ufeff", "")],
      [
        "keeps three bytes of a character at most",
        (text) => text.replace(/[\u{10000}-\u{10ffff}]/gu, "?"),
      ],
      ["fills values in as patterns", (text) => "".concat(..."x".replace("x", text))],
    ] as const satisfies readonly (readonly [string, (text: string) => string])[]
  ).map(
    ([fault, change]) =>
      [
        fault,
        translated({ into: (row) => ({ ...row, value: change(row.value) }) }),
        "values are any well-formed text",
      ] as const,
  ),
  [
    "keeps versions in 32 bits",
    translated({ version: (v) => v | 0, into: (row) => ({ ...row, version: row.version | 0 }) }),
    "versions are exact from 0 to 2^53 - 1",
  ],
  [
    "loses the last bit of a version",
    translated({
      version: (v) => (v >= 2 ** 52 ? v - (v % 2) : v),
      into: (row) =>
        row.version >= 2 ** 52 ? { ...row, version: row.version - (row.version % 2) } : row,
    }),
    "versions are exact from 0 to 2^53 - 1",
  ],
  [
    "keeps deadlines in seconds",
    translated({ into: (row) => ({ ...row, expiresAt: Math.floor(row.expiresAt / 1000) * 1000 }) }),
    "deadlines are exact to the millisecond",
  ],
  [
    "keeps deadlines of 2^31 milliseconds at most",
    translated({
      into: (row) => ({ ...row, expiresAt: Math.min(row.expiresAt, NOW + 2 ** 31 - 1) }),
    }),
    "deadlines are exact to the millisecond",
  ],
  [
    "mixes the rows of different keys up",
    (table) => {
      let last: SessionRow | undefined;
      return {
        async replace(key, version, row, now) {
          last = row;
          await pause();
          return table.replace(key, version, last, now);
        },
      };
    },
    "methods on different keys do not disturb each other",
  ],
  ["never sweeps", () => ({ sweep: () => 0 }), "sweep removes the dead rows"],
  [
    "sweeps too early",
    (table) => ({ sweep: (now) => table.sweep?.(now + HOUR) ?? 0 }),
    "sweep removes the dead rows",
  ],
  [
    "does not tell what it has swept",
    (table) => ({
      async sweep(now) {
        await table.sweep?.(now);
        return 0;
      },
    }),
    "sweep removes the dead rows",
  ],
  [
    "sweeps by the deadline of the insert",
    (table) => {
      const first = new Map<string, number>();
      return {
        insert(key, row, now) {
          first.set(key, row.expiresAt);
          return table.insert(key, row, now);
        },
        async sweep(now) {
          const dead = [...first].filter(([, expiresAt]) => expiresAt <= now);
          const answers = await all(dead.map(([key]) => table.delete(key)));
          for (const [key] of dead) first.delete(key);
          return answers.filter((answer) => answer === "done").length;
        },
      };
    },
    "sweep goes by the deadline that a row has last got",
  ],
  [
    "sweeps what it has found dead, also when it was saved since",
    (table) => {
      const keys = new Set<string>();
      return {
        insert(key, row, now) {
          keys.add(key);
          return table.insert(key, row, now);
        },
        async sweep(now) {
          let swept = 0;
          const rows = await Promise.all(
            [...keys].map(async (key) => [key, await table.get(key)] as const),
          );
          await pause();
          for (const [key, row] of rows) {
            if (row && row.expiresAt <= now && (await table.delete(key)) === "done") swept++;
          }
          return swept;
        },
      };
    },
    "sweep takes nothing from those who write at the same time",
  ],
  [
    "sweeps a thousand rows at a time and no more",
    (table) => {
      const rows = new Map<string, number>();
      return {
        insert(key, row, now) {
          rows.set(key, row.expiresAt);
          return table.insert(key, row, now);
        },
        async sweep(now) {
          const dead = [...rows].filter(([, expiresAt]) => expiresAt <= now).slice(0, 1000);
          for (const [key] of dead) await table.delete(key);
          for (const [key] of dead) rows.delete(key);
          return dead.length;
        },
      };
    },
    "sweep removes thousands of rows",
  ],
];

/** The titles of the cases that a table does not pass. */
async function failures(fault: Fault): Promise<string[]> {
  const failed: string[] = [];
  for (const [title, run] of tableContract(() => ({ table: broken(fault) }))) {
    await run().catch(() => failed.push(title));
  }
  return failed;
}

describe("the table contract", () => {
  it("a table without faults keeps the contract, with and without a sweep", async () => {
    expect(await failures(() => ({}))).toEqual([]);
    expect(await failures(() => ({ sweep: undefined }) as unknown as Verbs)).toEqual([]);
  });

  it.each(FAULTS)("the contract finds a table that %s", async (_fault, make, finds) => {
    expect(await failures(make)).toContainEqual(expect.stringContaining(finds));
  });

  it("the contract closes what it opens, also after a failure", async () => {
    let open = 0;
    const cases = tableContract(() => {
      open++;
      return { table: broken(() => ({ insert: async () => false })), close: () => void open-- };
    });
    const results = await Promise.allSettled(cases.map(([, run]) => run()));
    expect(results.some(({ status }) => status === "rejected")).toBe(true);
    expect(open).toBe(0);
  });

  it("the contract says what it has found, in a few words even for long values", async () => {
    const fault = translated({ into: (row) => ({ ...row, value: row.value.slice(0, 65_535) }) });
    const [, run] =
      tableContract(() => ({ table: broken(fault) })).find(([title]) =>
        title.includes("1,000,000"),
      ) ?? [];
    const error = await run?.().then(
      () => undefined,
      (error: Error) => error,
    );
    expect(error?.message).toMatch(/its value .* differ at character 65535: the end instead of 78/);
    expect(error?.message.length).toBeLessThan(1_000);
  });
});
