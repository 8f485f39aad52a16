/** The promises of each method of a table. */
import { HOUR, LATER, MINUTE, NOW, given, holds, newKey, row, same } from "./case.ts";
import type { TableCase } from "./case.ts";

export const METHOD_CASES: readonly TableCase[] = [
  [
    "get of a key that was never inserted gives undefined",
    async (table) => {
      await holds(table, newKey(), undefined, "of an unknown key");
    },
  ],
  [
    "insert on a taken key gives false and changes nothing",
    async (table) => {
      const key = newKey();
      const first = await given(table, key, row("first", 1));
      const answer = await table.insert(key, row("second", 2, LATER + HOUR), NOW);
      same(answer, false, "insert on a taken key");
      await holds(table, key, first, "after an insert that was refused");
    },
  ],
  [
    "insert makes no row under a key that was deleted, if the client sends again by itself",
    async (table, { sendsAgain = false }) => {
      for (const version of [undefined, 1]) {
        const key = newKey();
        const first = await given(table, key, row("first", 1));
        same(await table.delete(key, version, NOW), "done", "delete");
        const again = await table.insert(key, first, NOW);
        if (!sendsAgain) {
          // Such a table may take the key again. Only its answer has to be true.
          await holds(table, key, again === true ? first : undefined, "after delete and insert");
          continue;
        }
        same(again, false, "the insert that arrives again after the delete");
        await holds(table, key, undefined, "after delete and insert");
        await table.sweep?.(NOW + 14 * MINUTE);
        same(await table.insert(key, first, NOW), false, "the insert that arrives 14 minutes late");
        same(await table.replace(key, 1, row("late", 2), NOW), "gone", "replace of a deleted row");
        same(await table.touch(key, 1, LATER + HOUR, NOW), "gone", "touch of a deleted row");
        same(await table.delete(key, undefined, NOW), "gone", "delete of a deleted row");
        await holds(table, key, undefined, "after late writes");
      }
    },
  ],
  [
    "replace writes value, version and deadline, also an earlier one",
    async (table) => {
      const key = newKey();
      await given(table, key, row("first", 1));
      const second = row("second", 2, LATER - HOUR);
      same(await table.replace(key, 1, second, NOW), "done", "replace of the current version");
      await holds(table, key, second, "after replace");
    },
  ],
  [
    "replace of a stale version gives the current row and changes nothing",
    async (table) => {
      const key = newKey();
      await given(table, key, row("first", 1));
      const second = row("second", 2);
      await table.replace(key, 1, second, NOW);
      const answer = await table.replace(key, 1, row("third", 3, LATER + HOUR), NOW);
      same(answer, second, "the answer to a stale replace");
      await holds(table, key, second, "after a stale replace");
    },
  ],
  [
    "touch moves the deadline later and keeps version and value",
    async (table) => {
      const key = newKey();
      const first = await given(table, key, row("first", 1));
      same(await table.touch(key, 1, LATER + 1, NOW), "done", "touch");
      await holds(table, key, { ...first, expiresAt: LATER + 1 }, "after touch");
      same(await table.touch(key, 1, LATER + 9 * HOUR, NOW), "done", "a second touch");
      await holds(table, key, { ...first, expiresAt: LATER + 9 * HOUR }, "after a second touch");
      const second = row("second", 2);
      same(
        await table.replace(key, 1, second, NOW),
        "done",
        "replace of the version that was kept",
      );
      await holds(table, key, second, "after touch and replace");
    },
  ],
  [
    "touch never moves the deadline earlier",
    async (table) => {
      const key = newKey();
      const first = await given(table, key, row("first", 1));
      same(await table.touch(key, 1, LATER - HOUR, NOW), "done", "touch with an earlier deadline");
      await holds(table, key, first, "after touch with an earlier deadline");
    },
  ],
  [
    "touch of a stale version is a conflict and changes nothing",
    async (table) => {
      const key = newKey();
      await given(table, key, row("first", 1));
      const second = row("second", 2);
      await table.replace(key, 1, second, NOW);
      same(await table.touch(key, 1, LATER + HOUR, NOW), "conflict", "touch of a stale version");
      await holds(table, key, second, "after a stale touch");
    },
  ],
  [
    "delete removes the row, whatever its version",
    async (table) => {
      const key = newKey();
      await given(table, key, row("first", 7));
      same(await table.delete(key), "done", "delete");
      await holds(table, key, undefined, "after delete");
    },
  ],
  [
    "delete of a version removes that version, and gives the current row for a stale one",
    async (table) => {
      const key = newKey();
      const first = await given(table, key, row("first", 7));
      same(await table.delete(key, 6), first, "the answer to a stale delete");
      await holds(table, key, first, "after a stale delete");
      same(await table.delete(key, 7), "done", "delete of the current version");
      await holds(table, key, undefined, "after delete");
    },
  ],
  [
    "replace, touch and delete find a key gone that is not there, and leave no row",
    async (table) => {
      const deleted = newKey();
      await given(table, deleted, row("first", 1));
      await table.delete(deleted, 1);
      for (const key of [deleted, newKey()]) {
        same(await table.replace(key, 1, row("late", 2), NOW), "gone", "replace of no row");
        same(await table.touch(key, 1, LATER + HOUR, NOW), "gone", "touch of no row");
        same(await table.delete(key), "gone", "delete of no row");
        same(await table.delete(key, 1), "gone", "delete of a version of no row");
        await holds(table, key, undefined, "after late writes");
      }
    },
  ],
  [
    "a row whose deadline has passed is there for every method until it is swept",
    async (table) => {
      const dead = row("dead", 1, NOW - HOUR);
      const [read, replaced, touched, deleted] = [newKey(), newKey(), newKey(), newKey()];
      for (const key of [read, replaced, touched, deleted]) await given(table, key, dead);
      await holds(table, read, dead, "past its deadline");
      same(await table.insert(read, row("new", 2), NOW), false, "insert on a dead row's key");
      const live = row("live", 2);
      same(await table.replace(replaced, 1, live, NOW), "done", "replace of a dead row");
      await holds(table, replaced, live, "that was dead and replaced");
      same(await table.touch(touched, 1, LATER, NOW), "done", "touch of a dead row");
      await holds(table, touched, { ...dead, expiresAt: LATER }, "that was dead and touched");
      same(await table.delete(deleted, 1), "done", "delete of a dead row");
    },
  ],
  [
    "a row is kept alike whatever its rank, and while there is room it is never full",
    async (table) => {
      for (const rank of [0, 1, 2] as const) {
        const key = newKey();
        const first = { ...row("first", 1), rank };
        same(await table.insert(key, first, NOW), true, `insert of a row of rank ${rank}`);
        await holds(table, key, first, `of rank ${rank}`);
        const second = { ...row("second", 2, LATER + HOUR), rank: rank === 0 ? 1 : rank } as const;
        same(await table.replace(key, 1, second, NOW), "done", `replace of rank ${rank}`);
        await holds(table, key, second, `of rank ${rank}, replaced`);
      }
    },
  ],
];
