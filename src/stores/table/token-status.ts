import type { SessionData } from "../../core/store.ts";
import type { TokenStatus } from "../../core/token-status.ts";
import { sameDigest } from "../../crypto/token.ts";
import type { Row } from "./row.ts";

/**
 * Gives the rights that the token with this digest has on a row now.
 * @param subjectOf gives the subject of data; it is called only for a token that was renewed away
 */
export function tokenStatus(
  { digest, next, retired, record }: Row,
  presented: string,
  now: number,
  subjectOf: (data: SessionData) => string | undefined,
): TokenStatus {
  if (sameDigest(presented, digest)) return "current";
  if (next && isOneOf(presented, next.digests)) return "issued";
  if (!retired) return "unknown";
  if (!isOneOf(presented, retired.digests)) {
    return retired.former && isOneOf(presented, retired.former) ? "superseded" : "unknown";
  }
  if (now >= retired.until) return "superseded";
  if (retired.full) return "previous";
  // A token that has nothing left to read stays known for its grace, so that a late write by it is stopped. If it were
  // unknown, the write would start a session, whose cookie would replace the log-in's cookie in the browser.
  const stayed = retired.data && subjectOf(retired.data) === subjectOf(record.data);
  return stayed ? "read-only" : "left-behind";
}

function isOneOf(presented: string, digests: readonly string[]): boolean {
  return digests.some((digest) => sameDigest(presented, digest));
}
