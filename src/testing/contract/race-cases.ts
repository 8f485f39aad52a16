/** The promises of a table's methods when several calls meet. */
import type { SessionRow } from "../../core/store.ts";
import {
  HOUR,
  LATER,
  NOW,
  all,
  check,
  given,
  holds,
  isRow,
  newKey,
  row,
  same,
  times,
  turn,
} from "./case.ts";
import type { TableCase } from "./case.ts";

/** The number of requests that meet on one row. */
const MANY = 20;

export const RACE_CASES: readonly TableCase[] = [
  [
    "of many inserts of one key one wins",
    async (table) => {
      const key = newKey();
      const rows = times(MANY, (i) => row(`insert ${i}`, i));
      const answers = await all(rows.map((each) => table.insert(key, each, NOW)));
      const winners = rows.filter((_, i) => answers[i] === true);
      same(winners.length, 1, "the number of inserts that won");
      await holds(table, key, winners[0], "after many inserts");
    },
  ],
  [
    "of many replaces of one version one is done, and the others get the winner's row",
    async (table) => {
      const key = newKey();
      await given(table, key, row("first", 1));
      const rows = times(MANY, (i) => row(`replace ${i}`, 100 + i, LATER + i));
      const answers = await all(rows.map((each) => table.replace(key, 1, each, NOW)));
      const winners = rows.filter((_, i) => answers[i] === "done");
      same(winners.length, 1, "the number of replaces that were done");
      for (const answer of answers) {
        if (answer !== "done") same(answer, winners[0], "the answer to a replace that lost");
      }
      await holds(table, key, winners[0], "after many replaces");
    },
  ],
  [
    "of many touches of one version the latest deadline stays",
    async (table) => {
      const key = newKey();
      const first = await given(table, key, row("first", 1));
      const answers = await all(
        times(MANY, (i) => table.touch(key, 1, LATER + ((i * 7) % MANY) * HOUR, NOW)),
      );
      for (const answer of answers) same(answer, "done", "a touch beside others");
      await holds(
        table,
        key,
        { ...first, expiresAt: LATER + (MANY - 1) * HOUR },
        "after many touches",
      );
    },
  ],
  [
    "a touch beside a replace never undoes it, nor stands in its way",
    async (table) => {
      for (let round = 0; round < MANY; round++) {
        const key = newKey();
        await given(table, key, row("first", 1));
        const second = row("second", 2, LATER + HOUR);
        const [before, replaced, after] = await Promise.all([
          table.touch(key, 1, LATER + 9 * HOUR, NOW),
          table.replace(key, 1, second, NOW),
          table.touch(key, 1, LATER + 8 * HOUR, NOW),
        ]);
        same(replaced, "done", "replace beside touches, which keep the version");
        for (const touched of [before, after]) {
          const fits = touched === "done" || touched === "conflict";
          check(fits, `touch beside replace gave ${touched}`);
        }
        await holds(table, key, second, "after replace beside touches");
      }
    },
  ],
  [
    "of many deletes of one row one is done, and the others find it gone",
    async (table) => {
      const key = newKey();
      await given(table, key, row("first", 1));
      const answers = await all(times(MANY, (i) => table.delete(key, i % 2 ? 1 : undefined)));
      same(
        answers.filter((each) => each === "done").length,
        1,
        "the number of deletes that were done",
      );
      same(
        answers.filter((each) => each === "gone").length,
        MANY - 1,
        "the number that found it gone",
      );
    },
  ],
  [
    "a delete beside many writers leaves no row",
    async (table, _opened, signal) => {
      const key = newKey();
      await given(table, key, row("first", 0));
      let ended = false;
      // Each writer goes on from the row that it finds, as a commit does, and writes once more at the end.
      const write = async (id: number): Promise<void> => {
        let version = 0;
        for (let i = 0, last = false; !last; i++) {
          last = ended || signal.aborted;
          // A table may answer in microtasks, and the delete must have its turn, at another step of each writer.
          if ((i + id) % 4 === 0) await turn();
          const next = id * 1_000_000 + i;
          const answer = await table.replace(key, version, row(`writer ${id}`, next), NOW);
          version = isRow(answer) ? answer.version : next;
          await table.touch(key, version, LATER + HOUR, NOW);
        }
      };
      const writers = times(8, (id) => write(id + 1));
      for (let i = 0; i < 5; i++) {
        await table.get(key);
        await turn();
      }
      same(await table.delete(key), "done", "delete beside writers");
      ended = true;
      await holds(table, key, undefined, "once delete is done");
      await Promise.all(writers);
      await holds(table, key, undefined, "after the last late write");
    },
  ],
  [
    "methods on different keys do not disturb each other",
    async (table) => {
      const live = async (id: number): Promise<[string, SessionRow | undefined]> => {
        const key = newKey();
        await given(table, key, row(`first of ${id}`, 1));
        const second = row(`second of ${id}`, 2, LATER + id);
        same(await table.replace(key, 1, second, NOW), "done", "replace beside other keys");
        same(await table.touch(key, 2, LATER + HOUR, NOW), "done", "touch beside other keys");
        if (id % 3 > 0) return [key, { ...second, expiresAt: LATER + HOUR }];
        same(await table.delete(key, 2), "done", "delete beside other keys");
        return [key, undefined];
      };
      const expected = await Promise.all(times(3 * MANY, live));
      for (const [key, last] of expected) await holds(table, key, last, "beside other keys");
    },
  ],
];
