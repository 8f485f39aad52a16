/** The promises when a call arrives a second time, because its answer was lost. */
import { HOUR, LATER, NOW, given, holds, newKey, row, same } from "./case.ts";
import type { TableCase } from "./case.ts";

export const AGAIN_CASES: readonly TableCase[] = [
  [
    "a call that arrives twice changes nothing the second time",
    async (table, { other = table }) => {
      const key = newKey();
      const first = await given(table, key, row("first", 1));
      same(await other.insert(key, first, NOW), false, "the insert that arrives again");
      await holds(table, key, first, "after an insert that arrived twice");
      const second = row("second", 2);
      same(await table.replace(key, 1, second, NOW), "done", "replace");
      same(await other.replace(key, 1, second, NOW), second, "the replace that arrives again");
      await holds(table, key, second, "after a replace that arrived twice");
      for (const handle of [table, other])
        same(await handle.touch(key, 2, LATER + HOUR, NOW), "done", "a touch that arrives twice");
      const third = row("third", 3);
      same(await table.replace(key, 2, third, NOW), "done", "a second replace");
      same(await other.replace(key, 1, second, NOW), third, "a replace that arrives late");
      same(await other.touch(key, 2, LATER + 9 * HOUR, NOW), "conflict", "a touch that comes late");
      await holds(table, key, third, "after calls that arrived late");
      same(await table.delete(key, 3, NOW), "done", "delete");
      same(await other.delete(key, 3, NOW), "gone", "the delete that arrives again");
      same(await other.replace(key, 3, row("late", 4), NOW), "gone", "a replace after the delete");
      same(await other.touch(key, 3, LATER + HOUR, NOW), "gone", "a touch after the delete");
      await holds(table, key, undefined, "after calls that arrived late");
    },
  ],
];
