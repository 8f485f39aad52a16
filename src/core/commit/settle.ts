import { MAX_CANDIDATES } from "../cookie/read-cookies.ts";
import type { Drop } from "../events.ts";
import { fewAtOnce } from "../few-at-once.ts";
import { openedOnce } from "../load/load.ts";
import type { Unsettled } from "../load/load.ts";
import { tryAll } from "../load/try-all.ts";
import type { Tried } from "../load/try-all.ts";
import type { ResolvedOptions } from "../options/read-options.ts";
import type { Stopped, StoredSession } from "../store.ts";
import type { Commit } from "./commit.ts";
import { endSession } from "./end-session.ts";
import { recordChange } from "./record-change.ts";

/** What became of the sessions behind cookies that were refused together. */
export interface Settled {
  /** The sessions that were opened: their cookies are in the browser. */
  readonly opened: readonly StoredSession[];
  /** Whether all of them go on, because no cookie had the right to end one. */
  readonly allGoOn: boolean;
}

/** Ends every session behind several cookies of one name, for a log-out, whatever becomes of the others. */
export async function settle(
  options: ResolvedOptions,
  unsettled: Unsettled,
  reason: Drop,
): Promise<Settled> {
  return end(options, await tryUnsettled(options, unsettled), reason);
}

/** The same for a log-in, unless the log-in itself is refused: then it ends nobody. */
export async function settleForLogIn(
  commit: Commit,
  unsettled: Unsettled,
): Promise<Settled | Stopped> {
  const { options } = commit;
  const tried = await tryUnsettled(options, unsettled);
  // A token that was left behind ends nothing, so that its session keeps its place.
  const ending = tried.opened.filter(({ status }) => status !== "left-behind");
  const stopped = await options.backend.subjects?.refusal?.(
    recordChange(commit, true).apply(undefined),
    ending.map(({ handle }) => handle),
  );
  return stopped ? { stopped } : end(options, tried, "log-in");
}

async function tryUnsettled(
  options: ResolvedOptions,
  { opened, untried }: Unsettled,
): Promise<Tried> {
  if (untried.length === 0) return { opened, failures: [] };
  const tried = await tryAll(options, untried);
  return { ...tried, opened: openedOnce([...opened, ...tried.opened]) };
}

/** @throws the first failure of the store, after all were tried */
async function end(
  options: ResolvedOptions,
  { opened, failures }: Tried,
  reason: Drop,
): Promise<Settled> {
  const ends = await fewAtOnce(opened, MAX_CANDIDATES, (session) =>
    endSession(options.cookieName, session, options.subjectOfStored(session.record.data), reason),
  );
  let failed = failures.length > 0;
  let failure = failures[0];
  let allGoOn = ends.length > 0;
  for (const each of ends) {
    if (each.status === "fulfilled") allGoOn &&= !each.value;
    else if (!failed) [failed, failure] = [true, each.reason];
  }
  if (failed) throw failure;
  return { opened, allGoOn };
}
