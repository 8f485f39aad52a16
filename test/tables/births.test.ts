/** L6 over each kind of table: an insert that arrives late, or twice, brings nothing back and leaves no trace in a list. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SessionTable } from "../../src/core/store.ts";
import { createTable } from "../../src/tables/named-tables.ts";
import { FAULTS, INSERTS, SEQUELS, explore } from "../contracts/interleavings/births.ts";
import type { Birth } from "../contracts/interleavings/births.ts";
import { LABELS, SERVERS } from "../support/servers/tables.ts";
import { tell } from "../support/servers/servers.ts";
import { verbsOf } from "../support/tables/async-table.ts";
import { openLmdb } from "../support/tables/lmdb-table.ts";

interface Opened {
  readonly table: SessionTable;
  close?(): Promise<void>;
}

type Kind = readonly [name: string, has: boolean, open: () => Opened | Promise<Opened>];

const KINDS: readonly Kind[] = SERVERS.map(([kind, has, open]) => [LABELS[kind], has, open]);
/** Their clients may send again by themselves; mysql2 never does. */
const AGAIN = KINDS.filter(([name]) => name !== LABELS.mysql);
const ONCE: readonly Kind[] = [
  ["memory", true, () => ({ table: createTable() })],
  ["LMDB", true, openLmdb],
  ...KINDS.filter(([name]) => name === LABELS.mysql),
];

const BIRTHS: readonly Birth[] = FAULTS.flatMap((fault) =>
  INSERTS.flatMap((insert) => SEQUELS.map((sequel) => ({ fault, insert, sequel }))),
);

describe.each([...ONCE, ...AGAIN])("L6: the inserts of a log-in over %s", (name, has, open) => {
  let opened: Opened;
  let explored = 0;
  beforeAll(async () => {
    if (has) opened = await open();
  });
  afterAll(async () => {
    tell(`inserts that arrive late or twice, explored over ${name}: ${explored}`);
    await opened?.close?.();
  });
  const sendsAgain = AGAIN.some(([other]) => other === name);
  // A client that never sends again never doubles the insert of a session.
  const possible = BIRTHS.filter(
    ({ fault, insert }) => sendsAgain || fault === "delayed" || insert === "list",
  );

  it.skipIf(!has).each(possible)(
    "a $fault insert of the $insert, followed by $sequel, brings nothing back, whenever it arrives",
    async (birth) => {
      const { runs, violations } = await explore(opened.table, birth);
      explored += runs;
      expect(runs).toBeGreaterThan(3);
      expect([...new Set(violations)]).toEqual([]);
    },
    30_000,
  );
});

describe("L6: the exploration of inserts", () => {
  it("it finds a doubled insert that brings a session back, in a table without a mark", async () => {
    const birth = { fault: "doubled", insert: "session", sequel: "log-out" } as const;
    const { violations } = await explore(createTable(), birth);
    expect(violations.join()).toContain("a session that has ended reads");
  });

  it("it finds a delayed insert that brings a session back, in a table that sends again by itself", async () => {
    const memory = createTable();
    const again = verbsOf(memory, {
      // The first call goes astray, as in a client that sends again without a word, and arrives when the row is gone.
      async delete(...args) {
        const row = await memory.get(args[0]);
        const result = await memory.delete(...args);
        if (row && args[0].length === 22) await memory.insert(args[0], row, 0);
        return result;
      },
    });
    const birth = { fault: "delayed", insert: "session", sequel: "log-out" } as const;
    const { violations } = await explore(again, birth);
    expect(violations.join()).toContain("a session that has ended reads");
  });
});
