/**
 * How a commit learns whether its write was made, if the client or the store has sent that write more than once: a row
 * names the versions that its last writes have replaced. Versions are random, so that each name means one write.
 */

/** The most versions that a row names. */
const MOST = 16;
/** The same for a row that is written more than once a second, as by several processes that write without a pause. */
const MOST_IN_HASTE = 64;

/**
 * Gives the names for a row that replaces `version`: the newest first, in base 36 with dots between them.
 * @param isInHaste whether the row was written less than a second ago
 */
export function withReplaced(
  names: string | undefined,
  version: number,
  isInHaste = false,
): string {
  const most = isInHaste ? MOST_IN_HASTE : MOST;
  const former = names === undefined ? [] : names.split(".", most - 1);
  return [version.toString(36), ...former].join(".");
}

/**
 * Judges a write of version `mine` over the version `expected`, which has met a row with these names instead. It was
 * made if a later write has replaced it. It was not made, and never will be, if another write has replaced what it
 * expected. A row without names has been written by no table that loses answers, so that this write is not under it.
 */
export function wasMade(
  names: string | undefined,
  mine: number,
  expected: number,
): "made" | "not made" | "unknown" {
  if (names === undefined) return "not made";
  const versions = names.split(".");
  if (versions.includes(mine.toString(36))) return "made";
  return versions.includes(expected.toString(36)) ? "not made" : "unknown";
}
