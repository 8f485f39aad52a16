/** The promises of a sweep, which a table may lack. A row that is dead for two hours is dead for every table. */
import type { SessionTable } from "../../core/store.ts";
import {
  HOUR,
  LATER,
  NOW,
  all,
  check,
  given,
  holds,
  needed,
  newKey,
  row,
  same,
  times,
} from "./case.ts";
import type { TableCase } from "./case.ts";

const DEAD = NOW - 2 * HOUR;

type Sweep = (now: number) => Promise<number>;

/** The latest time of a sweep: what is dead by then has been swept before a case begins, whoever left it. */
const LAST = LATER + 2 * HOUR;
const MANY = 2_500;
/** Where each write takes its time, this many dead rows do, and as many more as seconds allow. */
const FEW = 200;
const PATIENCE = 3_000;

/** Makes a case for tables that sweep. Dead rows that others have left are swept before it begins. */
function sweeping(
  title: string,
  run: (table: SessionTable, sweep: Sweep) => Promise<void>,
): TableCase {
  return [
    title,
    async (table) => {
      needed(
        table.sweep && true,
        "the table has no sweep: its database removes dead rows by itself",
      );
      const sweep = async (now: number): Promise<number> => table.sweep?.(now) ?? 0;
      await sweep(LAST);
      await run(table, sweep);
    },
  ];
}

/** Inserts rows whose deadline has passed: as many as asked for, or fewer into a slow table. */
async function bury(table: SessionTable, count: number): Promise<string[]> {
  const keys: string[] = [];
  const start = performance.now();
  while (keys.length < count && (keys.length < FEW || performance.now() - start < PATIENCE)) {
    const more = times(Math.min(100, count - keys.length), newKey);
    await Promise.all(more.map((key, i) => given(table, key, row(`dead ${i}`, 1, DEAD - i))));
    keys.push(...more);
  }
  return keys;
}

export const SWEEP_CASES: readonly TableCase[] = [
  sweeping(
    "sweep removes the dead rows, leaves the others, and tells how many",
    async (table, sweep) => {
      const dead = await bury(table, 5);
      const live = times(5, newKey);
      for (const [i, key] of live.entries())
        await given(table, key, row(`live ${i}`, 1, NOW + 1 + i * HOUR));
      same(await sweep(NOW), 5, "the number of rows that a sweep has removed");
      for (const key of dead) await holds(table, key, undefined, "that was swept");
      for (const [i, key] of live.entries()) {
        await holds(table, key, row(`live ${i}`, 1, NOW + 1 + i * HOUR), "that is not dead");
      }
      same(await sweep(NOW), 0, "the number of rows that a second sweep has removed");
    },
  ),
  sweeping("sweep goes by the deadline that a row has last got", async (table, sweep) => {
    const [touched, longer, shorter] = [newKey(), newKey(), newKey()];
    await given(table, touched, row("touched", 1, DEAD));
    await given(table, longer, row("longer", 1, DEAD));
    await given(table, shorter, row("shorter", 1));
    await table.touch(touched, 1, LATER, NOW);
    await table.replace(longer, 1, row("longer", 2), NOW);
    await table.replace(shorter, 1, row("shorter", 2, DEAD), NOW);
    same(await sweep(NOW), 1, "the number of rows whose last deadline has passed");
    await holds(table, touched, row("touched", 1), "that was touched");
    await holds(table, longer, row("longer", 2), "that got a later deadline");
    await holds(table, shorter, undefined, "that got an earlier deadline");
    same(await sweep(LAST), 2, "the number of rows that a later sweep has removed");
  }),
  sweeping("sweep removes thousands of rows and leaves their keys free", async (table, sweep) => {
    const dead = await bury(table, MANY);
    same(await sweep(NOW), dead.length, "the number of rows that a sweep has removed");
    const [key = ""] = dead;
    await holds(table, key, undefined, "that was swept");
    await given(table, key, row("again", 2));
    same(await sweep(NOW), 0, "the number of rows that a second sweep has removed");
    await holds(table, key, row("again", 2), "inserted again under a swept key");
  }),
  sweeping("sweep is safe to run twice at once", async (table, sweep) => {
    const dead = await bury(table, 300);
    const live = newKey();
    await given(table, live, row("live", 1));
    await Promise.all([sweep(NOW), sweep(NOW)]);
    for (const key of dead) await holds(table, key, undefined, "that was swept");
    await holds(table, live, row("live", 1), "that is not dead");
  }),
  sweeping("sweep takes nothing from those who write at the same time", async (table, sweep) => {
    const keys = await bury(table, 300);
    const swept = sweep(NOW);
    const answers = await all(
      keys.map((key, i) =>
        i % 2 === 0
          ? table.replace(key, 1, row(`saved ${i}`, 2), NOW)
          : table.touch(key, 1, LATER, NOW),
      ),
    );
    await swept;
    for (const [i, key] of keys.entries()) {
      const answer = answers[i];
      check(
        answer === "done" || answer === "gone",
        `a write beside a sweep gave ${JSON.stringify(answer)}`,
      );
      const saved = i % 2 === 0 ? row(`saved ${i}`, 2) : row(`dead ${i % 100}`, 1);
      await holds(
        table,
        key,
        answer === "done" ? saved : undefined,
        `whose writer got "${answer}"`,
      );
    }
  }),
];
