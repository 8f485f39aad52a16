/** What a presented token may still do; of a sealed cookie, its seal. Both stores speak of it in these words. */
export type TokenStatus =
  /** In force: every right. */
  | "current"
  /** Issued by `renewEvery`, and not presented before: every right. */
  | "issued"
  /** Was in force before the one that `renewEvery` has issued arrived: every right, for `renewGrace`. */
  | "previous"
  /** Renewed away within `renewGrace`, and the subject stayed: reads what it read before, and may log out. */
  | "read-only"
  /** The same, but the subject changed: reads what was nobody's, and can end nothing. */
  | "left-behind"
  /** Renewed away, after its grace. */
  | "superseded"
  /** The session was logged out. */
  | "ended"
  /** The session was revoked. */
  | "revoked"
  /** The session exists, and this token never opened it, or no longer is known. */
  | "unknown";

/** The statuses with which a session opens at all. */
export type LiveStatus = "current" | "issued" | "previous" | "read-only" | "left-behind";

/** Whether the session opens, if only to be read. */
export function isLive(status: TokenStatus): status is LiveStatus {
  return hasFullRights(status) || status === "read-only" || status === "left-behind";
}

/** Whether the session may be written, touched and renewed. */
export function hasFullRights(status: TokenStatus): boolean {
  return status === "current" || status === "issued" || status === "previous";
}
