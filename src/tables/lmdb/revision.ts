/**
 * A touch keeps a row's version, and a write that has not seen the touch must not undo it. LMDB compares one double per
 * row. So the double holds both: its sign and its 52 bits hold the version, and its exponent counts the touches under
 * that version.
 */

const HALF = 2 ** 52;
/** The greatest revision. After it the count of touches begins again, because no write misses that many touches. */
const LARGEST = 2 ** 256;

/** Gives the revision of a row that was just written. */
export function revisionOf(version: number): number {
  return version < HALF ? HALF + version : -version;
}

/** Gives the revision after one more touch. */
export function touched(revision: number): number {
  return Math.abs(revision) < LARGEST ? revision * 2 : revisionOf(versionOf(revision));
}

/** Gives the version that a revision holds. */
export function versionOf(revision: number): number {
  let size = Math.abs(revision);
  while (size >= 2 * HALF) size /= 2;
  return revision < 0 ? size : size - HALF;
}
