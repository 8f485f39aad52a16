/** The promises of `getMany`, which a table may lack. */
import { HOUR, NOW, check, given, needed, newKey, row, same, times } from "./case.ts";
import type { TableCase } from "./case.ts";

const NO_MANY = "the table has no getMany: rows are read one by one";

export const MANY_CASES: readonly TableCase[] = [
  [
    "getMany gives for each key what get gives, and bears the key",
    async (table) => {
      needed(table.getMany && true, NO_MANY);
      const keys = times(100, newKey);
      // Every fourth key is new, one was deleted, one is dead, and the others live.
      for (const [i, key] of keys.entries()) {
        if (i % 4 === 0) continue;
        const expiresAt = i % 4 === 1 ? NOW - HOUR : NOW + HOUR;
        await given(table, key, row(`"row" ${i} \\ ä\n`, i, expiresAt));
        if (i % 4 === 2) same(await table.delete(key, undefined, NOW), "done", "delete");
      }
      const pairs = (await table.getMany?.(keys)) ?? [];
      same(pairs.length, keys.length, "the number of answers to 100 keys");
      const answers = new Map(pairs);
      for (const key of keys) {
        check(answers.has(key), `getMany gave no answer for the key "${key}"`);
        same(answers.get(key), await table.get(key), `getMany of "${key}"`);
      }
    },
  ],
  [
    "getMany of one key gives one answer",
    async (table) => {
      needed(table.getMany && true, NO_MANY);
      const key = newKey();
      const [absent, ...more] = (await table.getMany?.([key])) ?? [];
      same(more.length, 0, "the number of further answers");
      same(absent?.[0], key, "the key of the answer");
      same(absent?.[1], undefined, "the row of an absent key");
      const first = await given(table, key, row("", 1));
      const [present] = (await table.getMany?.([key])) ?? [];
      same(present?.[1], first, "a row without a character");
    },
  ],
];
