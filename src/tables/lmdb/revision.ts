/**
 * A touch keeps a row's version, yet a write that has not seen it must not undo it. LMDB compares one double
 * per row, so the double holds both: the version in its sign and its 52 bits, and in its exponent how often the
 * row was touched under that version.
 */

const HALF = 2 ** 52;
/** Behind it the count of touches begins again: no write is so slow that it misses as many. */
const LARGEST = 2 ** 256;

/** The revision of a row that was just written. */
export function revisionOf(version: number): number {
  return version < HALF ? HALF + version : -version;
}

/** The revision after one more touch. */
export function touched(revision: number): number {
  return Math.abs(revision) < LARGEST ? revision * 2 : revisionOf(versionOf(revision));
}

/** The version that a revision holds. */
export function versionOf(revision: number): number {
  let size = Math.abs(revision);
  while (size >= 2 * HALF) size /= 2;
  return revision < 0 ? size : size - HALF;
}
