import { andThen } from "../awaitable.ts";
import type { Awaitable } from "../awaitable.ts";
import type { Theirs } from "../load/theirs.ts";
import type { ResolvedOptions } from "../options/read-options.ts";
import type { FoundSession, StoredSession } from "../store.ts";
import { endSession } from "./end-session.ts";
import type { CommitPlan } from "./plan-commit.ts";

/** Whether it is a log-out or a log-in, after which no other cookie may sign anybody in. */
export function endsOthers({ type }: CommitPlan): boolean {
  return type === "drop" || type === "renew" || type === "create";
}

/**
 * Ends the session of another library whose cookie the request has brought, and the session of ours that was made of it.
 * A log-out and a log-in do: that cookie would sign its user in again.
 * @param own the session of this request, which its own commit ends or renews
 */
export function endTheirs(
  options: ResolvedOptions,
  theirs: Theirs,
  own: StoredSession | undefined,
): Awaitable<void> {
  const { backend } = options;
  return andThen(theirs.named(), (named): Awaitable<void> => {
    if (!named) return undefined;
    const { session, unique } = named;
    const forgetting = unique === undefined ? undefined : backend.forget?.(unique);
    return andThen(forgetting, (found) =>
      andThen(endOther(options, found, own), () => andThen(session.end?.(), () => undefined)),
    );
  });
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
