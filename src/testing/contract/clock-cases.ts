/** The promise that a table has no clock: only `now` counts, and only a sweep, or the database five minutes late, removes. */
import type { SessionRow, SessionTable } from "../../core/store.ts";
import { HOUR, MINUTE, given, holds, machineTime, newKey, row, same } from "./case.ts";
import type { TableCase } from "./case.ts";

const DAY = 24 * HOUR;

/** Lets every method meet a row, at a time of the core's clock. */
async function live(table: SessionTable, now: number, expiresAt: number, when: string) {
  const key = newKey();
  const first = row("first", 1, expiresAt);
  same(await table.insert(key, first, now), true, `insert ${when}`);
  await holds(table, key, first, when);
  same(await table.insert(key, row("other", 9, expiresAt), now), false, `a second insert ${when}`);
  same(await table.replace(key, 9, row("no", 5, expiresAt), now), first, `a conflict ${when}`);
  const second = row("second", 2, expiresAt);
  same(await table.replace(key, 1, second, now), "done", `replace ${when}`);
  await holds(table, key, second, `${when}, replaced`);
  same(await table.touch(key, 2, expiresAt + 1, now), "done", `touch ${when}`);
  const touched: SessionRow = { ...second, expiresAt: expiresAt + 1 };
  await holds(table, key, touched, `${when}, touched`);
  if (table.getMany) same((await table.getMany([key]))[0]?.[1], touched, `getMany ${when}`);
  return { key, touched };
}

/** The same, and the row is still there when timers have had their turn. */
async function outlive(table: SessionTable, times: readonly Moment[]): Promise<void> {
  const rows = [];
  for (const [when, now, expiresAt] of times) {
    rows.push({ when, now, ...(await live(table, now, expiresAt, when)) });
  }
  // A timer that was set beyond what it can count runs at once.
  await new Promise((resolve) => setTimeout(resolve, 20));
  for (const { when, now, key, touched } of rows) {
    await holds(table, key, touched, `${when}, a moment later`);
    same(await table.delete(key, 2, now), "done", `delete ${when}`);
    await holds(table, key, undefined, `${when}, deleted`);
  }
}

type Moment = readonly [when: string, now: number, expiresAt: number];

export const CLOCK_CASES: readonly TableCase[] = [
  [
    "a row is there around the time of this machine's clock, whether its deadline has passed or not",
    async (table) => {
      const now = machineTime();
      await outlive(table, [
        ["with a deadline in an hour", now, now + HOUR],
        ["with a deadline in a second", now, now + 1000],
        ["with a deadline right now", now, now],
        ["with a deadline a second ago", now, now - 1000],
        ["with a deadline four minutes ago", now, now - 4 * MINUTE],
      ]);
    },
  ],
  [
    "a row is there by the core's clock, wherever the machine's clock stands",
    async (table) => {
      const now = machineTime();
      await outlive(table, [
        ["in the year 2001", Date.UTC(2001, 0, 1), Date.UTC(2001, 0, 2)],
        ["a day behind the machine", now - DAY, now - DAY + HOUR],
        ["a day ahead of the machine", now + DAY, now + DAY + HOUR],
        ["in the year 2100", Date.UTC(2100, 0, 1), Date.UTC(2100, 0, 2)],
      ]);
    },
  ],
  [
    "a row is there however far its deadline lies ahead",
    async (table) => {
      const now = machineTime();
      await outlive(table, [
        ["for 24.8 days, 2^31 milliseconds", now, now + 2 ** 31 - 1],
        ["for a little more than 2^31 milliseconds", now, now + 2 ** 31 + 1],
        ["for a little more than 30 days", now, now + 30 * DAY + 1000],
        ["for a little more than 2^32 milliseconds", now, now + 2 ** 32 + 1],
        ["until the end of January 2038", now, Date.UTC(2038, 0, 31)],
        ["until the year 2107", now, Date.UTC(2107, 0, 1)],
        ["until the year 2190", now, Date.UTC(2190, 0, 1)],
        ["until the year 9999", now, Date.UTC(9999, 11, 31, 23, 59, 59, 998)],
      ]);
    },
  ],
  [
    "a replace makes a deadline count anew, from its own now",
    async (table) => {
      const now = machineTime();
      const key = newKey();
      await given(table, key, row("first", 1, now - 4 * MINUTE));
      const second = row("second", 2, now + HOUR);
      same(await table.replace(key, 1, second, now), "done", "replace with a later deadline");
      await holds(table, key, second, "with a later deadline");
      const third = row("third", 3, now - 4 * MINUTE);
      same(await table.replace(key, 2, third, now), "done", "replace with an earlier deadline");
      await holds(table, key, third, "with an earlier deadline");
      same(await table.touch(key, 3, now + HOUR, now), "done", "touch with a later deadline");
      await holds(table, key, { ...third, expiresAt: now + HOUR }, "that was touched");
    },
  ],
];
