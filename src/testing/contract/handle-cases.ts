/** The promises to a second handle on the same store, such as another process has. */
import type { SessionTable } from "../../core/store.ts";
import {
  HOUR,
  LATER,
  NOW,
  all,
  given,
  holds,
  needed,
  newKey,
  row,
  same,
  times,
  turn,
} from "./case.ts";
import type { TableCase } from "./case.ts";
import { increment } from "./processes/increment.ts";
import type { OpenTable } from "./open-table.ts";

/** The number of calls that meet on one row, half of them by each handle. */
const MANY = 20;
const NO_OTHER = "there is no second handle: give `other` beside `table`";

/** Makes a case for two handles, of which neither has the other's memory. */
function twoHandles(
  title: string,
  run: (table: SessionTable, other: SessionTable, signal: AbortSignal) => Promise<void>,
): TableCase {
  return [title, (table, opened, signal) => run(table, secondOf(opened), signal)];
}

function secondOf({ other }: OpenTable): SessionTable {
  return needed(other, NO_OTHER);
}

export const HANDLE_CASES: readonly TableCase[] = [
  twoHandles("a second handle sees each write as soon as it is done", async (table, other) => {
    for (const [here, there] of [
      [table, other],
      [other, table],
    ] as const) {
      const key = newKey();
      await holds(there, key, undefined, "at the second handle before the insert");
      const first = await given(here, key, row("first", 1));
      await holds(there, key, first, "at the second handle after the insert");
      const second = row("second", 2);
      same(await here.replace(key, 1, second, NOW), "done", "replace");
      await holds(there, key, second, "at the second handle after the replace");
      same(await here.touch(key, 2, LATER + HOUR, NOW), "done", "touch");
      const touched = { ...second, expiresAt: LATER + HOUR };
      await holds(there, key, touched, "at the second handle after the touch");
      if (there.getMany) {
        const [pair] = await there.getMany([key]);
        same(pair?.[1], touched, "getMany of the second handle after the touch");
      }
      same(await here.delete(key, 2, NOW), "done", "delete");
      await holds(there, key, undefined, "at the second handle after the delete");
      same(
        await there.replace(key, 2, row("late", 3), NOW),
        "gone",
        "replace by the second handle after the delete",
      );
      same(await there.touch(key, 2, LATER + HOUR, NOW), "gone", "touch by the second handle");
      await holds(here, key, undefined, "after late writes of the second handle");
    }
  }),
  twoHandles(
    "a stale write of a second handle is a conflict, and gives the row of the first",
    async (table, other) => {
      const key = newKey();
      await given(table, key, row("first", 1));
      await holds(other, key, row("first", 1), "at the second handle");
      const second = row("second", 2);
      same(await table.replace(key, 1, second, NOW), "done", "replace");
      same(await other.insert(key, row("other", 3), NOW), false, "insert by the second handle");
      same(
        await other.replace(key, 1, row("other", 3), NOW),
        second,
        "a stale replace by the second handle",
      );
      same(await other.touch(key, 1, LATER + HOUR, NOW), "conflict", "a stale touch");
      same(await other.delete(key, 1, NOW), second, "a stale delete by the second handle");
      await holds(table, key, second, "after stale writes of the second handle");
    },
  ),
  twoHandles("of many inserts by two handles one wins", async (table, other) => {
    const key = newKey();
    const rows = times(MANY, (i) => row(`insert ${i}`, i));
    const answers = await all(
      rows.map((each, i) => (i % 2 ? other : table).insert(key, each, NOW)),
    );
    const winners = rows.filter((_, i) => answers[i] === true);
    same(winners.length, 1, "the number of inserts that won");
    await holds(other, key, winners[0], "after many inserts");
  }),
  twoHandles("of many replaces by two handles one is done", async (table, other) => {
    for (let round = 0; round < 5; round++) {
      const key = newKey();
      await given(table, key, row("first", 1));
      const rows = times(MANY, (i) => row(`replace ${i}`, 100 + i, LATER + i));
      const answers = await all(
        rows.map((each, i) => (i % 2 ? other : table).replace(key, 1, each, NOW)),
      );
      const winners = rows.filter((_, i) => answers[i] === "done");
      same(winners.length, 1, "the number of replaces that were done");
      await holds(table, key, winners[0], "after many replaces");
    }
  }),
  twoHandles("increments by two handles at once are all there", async (table, other, signal) => {
    const key = newKey();
    await given(table, key, row("0", 1));
    const adders = times(6, (i) => increment(i % 2 ? other : table, key, 10, signal));
    await Promise.all(adders);
    const last = await table.get(key);
    same(Number(last?.value), 60, "the sum of 60 increments");
  }),
  twoHandles("a touch by one handle never undoes a replace by the other", async (table, other) => {
    for (let round = 0; round < MANY; round++) {
      const key = newKey();
      await given(table, key, row("first", 1));
      const second = row("second", 2, LATER + HOUR);
      const [, replaced] = await Promise.all([
        other.touch(key, 1, LATER + 9 * HOUR, NOW),
        table.replace(key, 1, second, NOW),
        other.touch(key, 1, LATER + 8 * HOUR, NOW),
      ]);
      same(replaced, "done", "replace beside touches, which keep the version");
      await holds(table, key, second, "after replace beside touches");
    }
  }),
  twoHandles(
    "a delete by one handle ends the row, also beside writers of the other",
    async (table, other, signal) => {
      const key = newKey();
      await given(table, key, row("0", 1));
      const writers = times(4, () => increment(other, key, 1_000_000, signal));
      for (let i = 0; i < 5; i++) {
        await table.get(key);
        await turn();
      }
      same(await table.delete(key, undefined, NOW), "done", "delete beside writers");
      await holds(table, key, undefined, "once delete is done");
      await Promise.all(writers);
      await holds(other, key, undefined, "after the last late write");
    },
  ),
];
