import type { SessionRecord } from "../store.ts";

type SignInTimes = Pick<SessionRecord, "createdAt" | "subjectSince" | "ahead" | "signedInAt">;

/**
 * Gives the time of the last sign-in of a session that has a subject: when the subject came, or when a request put the
 * same one again and renewed. A version that does not know the second time may have left an older one.
 */
export function signInOf({
  createdAt,
  subjectSince = createdAt,
  ahead = 0,
  signedInAt = 0,
}: SignInTimes): number {
  return Math.floor(Math.max(subjectSince - ahead, signedInAt));
}

/** Gives the time as which that sign-in counts, where it is compared with a revocation: it may be in the future. */
export function countedSignInOf(times: SignInTimes): number {
  return signInOf({ ...times, ahead: 0 });
}
