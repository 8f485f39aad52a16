/**
 * Runs a task for each item, at most `most` of them at once, and gives the results in the order of the items. A task
 * that fails stops no other one.
 */
export async function fewAtOnce<T, R>(
  items: readonly T[],
  most: number,
  task: (item: T) => R,
): Promise<readonly PromiseSettledResult<Awaited<R>>[]> {
  const results: PromiseSettledResult<Awaited<R>>[] = [];
  const waiting = items.entries();
  const worker = async (): Promise<void> => {
    for (const [at, item] of waiting) {
      // The task may throw at once, which must be a result like a rejection.
      const [result] = await Promise.allSettled([(async () => task(item))()]);
      results[at] = result;
    }
  };
  await Promise.all(Array.from({ length: most }, worker));
  return results;
}
