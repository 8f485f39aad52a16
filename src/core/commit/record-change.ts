/** What one request does to the stored record: for the store to apply, once or again on a fresher record. */
import { SessionError } from "../errors.ts";
import { UpdateFailed } from "../store-errors.ts";
import type { ChangedRecord, SessionChange, SessionData, SessionRecord } from "../store.ts";
import type { ResolvedOptions } from "../options/read-options.ts";
import { EMPTY } from "../data/values.ts";
import { carriedAttributes } from "../subject/carry.ts";
import { countedSignInOf } from "../subject/signed-in-at.ts";
import type { Changes } from "./changes.ts";
import type { Commit } from "./commit.ts";

/** @param renew whether the session gets a new token */
export function recordChange(commit: Commit, renew: boolean): SessionChange {
  const { options, loaded, changes, configuration, freshId, host } = commit;
  const now = options.now();
  return {
    renew,
    loadedSubject: loaded.subject,
    isGone: () => host.isGone(),
    apply(base, sends = true) {
      // Attributes that no cookie carries to the browser do not count as sent.
      const isCarried = sends && !host.isGone();
      const kept = changes.endsData ? undefined : base?.lifetime;
      const lifetime = configuration?.lifetime ?? kept;
      const { data, subject } = replay(options, changes, base?.data ?? EMPTY);
      const sent = base?.sentAttributes ?? {};
      // By the creation, the options' lifetime may be over already, and would end the next subject's session at once.
      const startsAnew = changes.endsData && base?.lifetime?.absolute !== undefined;
      const createdAt = startsAnew ? undefined : base?.createdAt;
      return {
        data,
        subject,
        flash: changes.applyToFlash(base?.flash ?? {}),
        sentAttributes: {
          ...(changes.endsData ? carriedAttributes(sent) : sent),
          ...(isCarried ? configuration?.cookie : {}),
        },
        sentOptions: isCarried ? options.sentOptions : base?.sentOptions,
        id: renew || !base ? freshId() : (base.id ?? freshId()),
        ...signInTimes(commit, base, subject),
        signedInAt: signedInAt(commit, base, subject, renew),
        lifetime,
        // Another lifetime counts from the creation, also where the seal had an earlier end.
        endsAt: lifetime === base?.lifetime ? base?.endsAt : undefined,
        // Not the time of the log-in, which may run ahead of the clock and would put off the absolute deadline.
        createdAt: createdAt ?? Math.floor(now),
        expiresAt: options.idleDeadline({ lifetime }),
      };
    },
  };
}

/** Applies the changes of the request to the data that is stored now. */
function replay(
  { schema, subjectOf }: ResolvedOptions,
  changes: Changes,
  stored: SessionData,
): Pick<ChangedRecord, "data" | "subject"> {
  try {
    const view = schema.read(stored);
    if (!view) {
      throw new SessionError(
        "ERR_SESSION_SCHEMA",
        "the stored session does not fit the schema; it was left as it is",
      );
    }
    const data = changes.applyTo(view);
    const subject = data === changes.data ? changes.subject : subjectOf(data);
    return { data: schema.keep(stored, data, changes.endsData), subject };
  } catch (cause) {
    throw new UpdateFailed("update failed", { cause });
  }
}

/** Gives the subject of the stored record. */
function subjectBefore(
  { options, loaded }: Commit,
  base: SessionRecord | undefined,
): string | undefined {
  if (!base) return undefined;
  return base === loaded.stored?.record ? loaded.subject : options.subjectOfStored(base.data);
}

/** Gives the time since which the session has had its next subject, or has been nobody's. */
function signInTimes(
  commit: Commit,
  base: SessionRecord | undefined,
  subject: string | undefined,
): Pick<SessionRecord, "subjectSince" | "ahead"> {
  const { signInClock } = commit.options;
  if (subject === undefined) {
    // A session whose user has signed in after a revocation of all sessions outlives it, also when the user has left.
    return { subjectSince: base ? countedSignInOf(base) : signInClock.creation() };
  }
  if (base && subject === subjectBefore(commit, base)) {
    // A session from before the option `subject` was given counts as having had its subject from the beginning.
    return { subjectSince: base.subjectSince ?? base.createdAt, ahead: base.ahead };
  }
  const { since, ahead } = commit.signIn ?? signInClock.signIn(subject);
  return { subjectSince: since, ahead };
}

/**
 * Gives the time of a sign-in that came after the subject. It is absent for the sign-in with which the subject came:
 * `subjectSince` is that time.
 */
function signedInAt(
  commit: Commit,
  base: SessionRecord | undefined,
  subject: string | undefined,
  renew: boolean,
): number | undefined {
  if (subject === undefined || subject !== subjectBefore(commit, base)) return undefined;
  return renew && commit.subjectPutAt !== undefined ? commit.subjectPutAt : base?.signedInAt;
}
