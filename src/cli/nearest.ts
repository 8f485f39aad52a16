/** Gives the word that looks most like another one; `undefined` if none does. */
export function nearest(word: string, words: Iterable<string>): string | undefined {
  let found: string | undefined;
  // A third of the letters may differ.
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const each of words) {
    const distance = each.startsWith(word) ? 1 : differences(word, each);
    if (distance < least) [found, least] = [each, distance];
  }
  return found;
}

/** Counts the letters that were added, left out, changed, or exchanged with their neighbour. */
function differences(one: string, other: string): number {
  const rows = [Array.from({ length: other.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number): number => rows[i]?.[j] ?? Infinity;
  for (let i = 1; i <= one.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= other.length; j++) {
      const isSame = one[i - 1] === other[j - 1];
      const isSwapped = one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      row.push(
        Math.min(
          at(i - 1, j) + 1,
          at(i, j - 1) + 1,
          at(i - 1, j - 1) + (isSame ? 0 : 1),
          isSwapped ? at(i - 2, j - 2) + 1 : Infinity,
        ),
      );
    }
  }
  return at(one.length, other.length);
}
