import type { SessionTable } from "../../../core/store.ts";
import { NOW, isRow, newVersion, row, turn } from "../case.ts";

/**
 * Adds one to the number in a row, again and again, as commits do: each goes on from the row that it has read, and once
 * more from the row that a conflict gives. Gives the number of increments that were done; a row that is gone ends it.
 */
export async function increment(
  table: SessionTable,
  key: string,
  count: number,
  signal?: AbortSignal,
  done: (value: number) => void = () => {},
): Promise<number> {
  let sum = 0;
  while (sum < count) {
    let current = await table.get(key);
    for (let answer: unknown; answer !== "done";) {
      if (current === undefined || signal?.aborted) return sum;
      const next = row(`${Number(current.value) + 1}`, newVersion(), current.expiresAt);
      answer = await table.replace(key, current.version, next, NOW);
      if (answer === "done") done(Number(next.value));
      else current = isRow(answer) ? answer : undefined;
    }
    sum++;
    // A table may answer in microtasks, and other work must have its turn.
    await turn();
  }
  return sum;
}
