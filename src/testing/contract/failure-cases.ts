/** The promise that a failure of the database is an error, and never the answer that there is nothing. */
import type { Awaitable } from "../../core/awaitable.ts";
import { HOUR, LATER, NOW, given, needed, newKey, row } from "./case.ts";
import type { TableCase } from "./case.ts";

export const FAILURE_CASES: readonly TableCase[] = [
  [
    "a database that fails is an error of every method",
    async (table, opened) => {
      const fail = needed(
        opened.fail && ((): Awaitable<unknown> => opened.fail?.()),
        "nothing lets the database fail: give `fail`",
      );
      const key = newKey();
      await given(table, key, row("first", 1));
      await fail();
      await fails("get", () => table.get(key));
      await fails("get of an absent key", () => table.get(newKey()));
      await fails("insert", () => table.insert(newKey(), row("new", 1), NOW));
      await fails("insert on a taken key", () => table.insert(key, row("new", 1), NOW));
      await fails("replace", () => table.replace(key, 1, row("second", 2), NOW));
      await fails("touch", () => table.touch(key, 1, LATER + HOUR, NOW));
      await fails("delete", () => table.delete(key, undefined, NOW));
      await fails("delete of a version", () => table.delete(key, 1, NOW));
      if (table.getMany) await fails("getMany", () => table.getMany?.([key, newKey()]));
      if (table.sweep) await fails("sweep", () => table.sweep?.(NOW));
    },
  ],
];

async function fails(what: string, call: () => Awaitable<unknown>): Promise<void> {
  let answer: unknown;
  try {
    answer = await call();
  } catch {
    return;
  }
  throw new Error(
    `${what} answered ${JSON.stringify(answer) ?? "undefined"} while the database fails; it must throw`,
  );
}
