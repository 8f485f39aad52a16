import { MAX_CANDIDATES } from "../cookie/read-cookies.ts";
import type { Drop } from "../events.ts";
import { fewAtOnce } from "../few-at-once.ts";
import { openedOnce } from "../load/load.ts";
import type { Unsettled } from "../load/load.ts";
import { tryAll } from "../load/try-all.ts";
import type { ResolvedOptions } from "../options/read-options.ts";
import type { StoredSession } from "../store.ts";
import { endSession } from "./end-session.ts";

/** What became of the sessions behind cookies that were refused together. */
export interface Settled {
  /** The sessions that were opened: their cookies are in the browser. */
  readonly opened: readonly StoredSession[];
  /** Whether all of them go on, because no cookie had the right to end one. */
  readonly allGoOn: boolean;
}

/**
 * Ends every session behind several cookies of one name, for a log-out or a log-in, whatever becomes of the others.
 * @throws the first failure of the store, after all were tried
 */
export async function settle(
  options: ResolvedOptions,
  { opened, untried }: Unsettled,
  reason: Drop,
): Promise<Settled> {
  const tried = untried.length === 0 ? { opened, failures: [] } : await tryAll(options, untried);
  const all = openedOnce([...opened, ...tried.opened]);
  const ends = await fewAtOnce(all, MAX_CANDIDATES, (session) =>
    endSession(options.cookieName, session, options.subjectOfStored(session.record.data), reason),
  );
  let failed = tried.failures.length > 0;
  let failure = tried.failures[0];
  let allGoOn = ends.length > 0;
  for (const each of ends) {
    if (each.status === "fulfilled") allGoOn &&= !each.value;
    else if (!failed) [failed, failure] = [true, each.reason];
  }
  if (failed) throw failure;
  return { opened: all, allGoOn };
}
