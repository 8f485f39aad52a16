/** The promises to several processes on one store, to one that is killed, and to one that starts again. */
import { NOW, check, given, holds, needed, newKey, row, same, times, turn } from "../case.ts";
import type { TableCase } from "../case.ts";
import { increment } from "./increment.ts";
import type { OpenTable, TableChild } from "../open-table.ts";
import { OtherProcess } from "./other-process.ts";

const NO_CHILD = "no other process can open the store: give `child`";
const OTHERS = 2;
const INCREMENTS = 200;
/** More than there is time for. */
const ENDLESS = 1_000_000;

/** Starts processes on the store, and ends those that still live. */
async function beside<T>(
  { child }: OpenTable,
  count: number,
  run: (others: readonly [OtherProcess, ...OtherProcess[]], child: TableChild) => Promise<T>,
): Promise<T> {
  const program = needed(child, NO_CHILD);
  const others = await Promise.all(times(count, () => OtherProcess.start(program)));
  try {
    return await run(others as [OtherProcess, ...OtherProcess[]], program);
  } finally {
    await Promise.all(others.map((other) => other.kill()));
  }
}

export const PROCESS_CASES: readonly TableCase[] = [
  [
    "increments of several processes at once are all there",
    (table, opened, signal) =>
      beside(opened, OTHERS, async (others) => {
        const key = newKey();
        await given(table, key, row("0", 1));
        const sums = await Promise.all([
          ...others.map((other) => other.ask("increment", key, INCREMENTS)),
          increment(table, key, INCREMENTS / 4, signal),
        ]);
        const done = sums.reduce<number>((sum, each) => sum + Number(each), 0);
        same(done, OTHERS * INCREMENTS + INCREMENTS / 4, "the number of increments that were done");
        same(Number((await table.get(key))?.value), done, "the sum of the increments");
      }),
  ],
  [
    "a delete ends a row for all processes, while they write to it",
    (table, opened, signal) =>
      beside(opened, OTHERS, async (others) => {
        const key = newKey();
        await given(table, key, row("0", 1));
        const writers = others.map((other) => other.ask("increment", key, ENDLESS));
        await until(() => others.every(({ acknowledged }) => acknowledged > 20), signal);
        same(await table.delete(key, undefined, NOW), "done", "delete beside writers");
        await holds(table, key, undefined, "once delete is done");
        await Promise.all(writers);
        await holds(table, key, undefined, "after the last write of other processes");
        for (const other of others)
          same(await other.ask("get", key), undefined, "get in another process");
      }),
  ],
];

export const KILL_CASES: readonly TableCase[] = [
  [
    "a process that is killed has lost no write that was done, and stands in nobody's way",
    (table, opened, signal) =>
      beside(opened, 1, async ([victim]) => {
        for (let round = 0, other = victim; round < 3; round++) {
          const key = newKey();
          await given(table, key, row("0", 1));
          const writing = other.ask("increment", key, ENDLESS).catch(() => undefined);
          // At another place in its work each time.
          await until(() => other.acknowledged > 10 + 7 * round, signal);
          await other.kill();
          await writing;
          const left = await table.get(key);
          const value = Number(left?.value);
          check(
            value >= other.acknowledged,
            `the killed process had written ${other.acknowledged}, and the row has ${value}`,
          );
          same(await increment(table, key, 1, signal), 1, "an increment after the kill");
          // What the killed process had under way may still have arrived before this write, and not behind it.
          const after = await table.get(key);
          check(Number(after?.value) > value, "an increment after the kill was lost");
          other = await OtherProcess.start(needed(opened.child, NO_CHILD));
          same(await other.ask("get", key), after, "what the next process reads");
          if (round === 2) await other.kill();
        }
      }),
  ],
];

export const RESTART_CASES: readonly TableCase[] = [
  [
    "a row is there for the processes that come after the one that wrote it",
    (table, opened) =>
      beside(opened, 1, async ([first], child) => {
        const key = newKey();
        const written = row("written before the restart", 7);
        same(await first.ask("insert", key, written, NOW), true, "insert in another process");
        await holds(table, key, written, "of another process");
        await first.end();
        await holds(table, key, written, "of a process that has ended");
        const second = await OtherProcess.start(child);
        try {
          same(await second.ask("get", key), written, "the row in the next process");
        } finally {
          await second.end();
        }
      }),
  ],
];

async function until(done: () => boolean, signal: AbortSignal): Promise<void> {
  while (!done() && !signal.aborted) await turn();
}
