import { andThen, recover, together } from "../awaitable.ts";
import type { Awaitable } from "../awaitable.ts";
import type { Loaded } from "../load/load.ts";
import type { Named, Theirs } from "../load/theirs.ts";
import type { ResolvedOptions } from "../options/read-options.ts";
import type { FoundSession, StoredSession } from "../store.ts";
import { endSession } from "./end-session.ts";
import type { CommitPlan } from "./plan-commit.ts";

/** Whether it is a log-out or a log-in, after which no other cookie may sign anybody in. */
export function endsOthers({ type }: CommitPlan): boolean {
  return type === "drop" || type === "renew" || type === "create";
}

/**
 * Carries a plan out, and ends the sessions of other libraries whose cookies the request has brought, and the sessions of
 * ours that were made of them. A log-out and a log-in do: each of those cookies would sign its user in again.
 *
 * A log-in ends them first: if that fails, nothing was begun. A log-out tries both, its own session first, so that an old
 * store that fails or is silent does not keep it open.
 */
export function endTheirs<T>(
  options: ResolvedOptions,
  { theirs, stored }: Loaded,
  { type }: CommitPlan,
  carryOut: () => Awaitable<T>,
): Awaitable<T> {
  const ending = (): Awaitable<unknown> => endAll(options, theirs?.all ?? [], stored);
  if (type !== "drop") return andThen(ending(), carryOut);
  const own = recover<() => T>(
    () => andThen(carryOut(), (result) => () => result),
    (error) => () => {
      throw error;
    },
  );
  return andThen(own, (outcome) => andThen(ending(), outcome));
}

/** @param own the session of this request, which its own commit ends or renews */
function endAll(
  options: ResolvedOptions,
  all: Theirs["all"],
  own: StoredSession | undefined,
): Awaitable<unknown> {
  const begun = new Set<string | undefined>();
  return together(
    all.map(
      (read) => () =>
        andThen(read(), (named) => {
          if (!named || begun.has(named.unique)) return undefined;
          if (named.unique !== undefined) begun.add(named.unique);
          return end(options, named, own);
        }),
    ),
  );
}

function end(
  options: ResolvedOptions,
  { session, unique }: Named,
  own: StoredSession | undefined,
): Awaitable<unknown> {
  const forgetting = unique === undefined ? undefined : options.backend.forget?.(unique);
  return andThen(forgetting, (found) =>
    andThen(endOther(options, found, own), () => session.end?.()),
  );
}

function endOther(
  { cookieName, now, subjectOfStored }: ResolvedOptions,
  found: FoundSession | undefined,
  own: StoredSession | undefined,
): Awaitable<unknown> {
  const opened = found?.open(now());
  if (!opened || "refused" in opened || opened.handle === own?.handle) return undefined;
  return endSession(cookieName, opened, subjectOfStored(opened.record.data), "asked");
}
