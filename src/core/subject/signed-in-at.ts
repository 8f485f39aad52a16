import type { SessionRecord } from "../store.ts";

/**
 * Gives the time of the last sign-in of a session that has a subject: when the subject came, or when a request put the
 * same one again and renewed. A version that does not know the second time may have left an older one.
 */
export function signInOf({ createdAt, subjectSince = createdAt, signedInAt = 0 }: SignIn): number {
  return Math.floor(Math.max(subjectSince, signedInAt));
}

type SignIn = Pick<SessionRecord, "createdAt" | "subjectSince" | "signedInAt">;
