/** The rights of a presented token, or of a seal. Both stores use these words. */
export type TokenStatus =
  /** The token is the session's own, and has every right. */
  | "current"
  /** `renewEvery` has issued the token, and no browser has presented it before. It has every right. */
  | "issued"
  /** The token was current until the one of `renewEvery` was presented. It has every right, for `renewGrace`. */
  | "previous"
  /** The token was renewed away within `renewGrace`, and the subject stayed. It reads its snapshot and may log out. */
  | "read-only"
  /** The token was renewed away, and the subject changed. It reads only data that had no subject, and ends nothing. */
  | "left-behind"
  /** The token was renewed away, and its grace is over. */
  | "superseded"
  /** The session was logged out. */
  | "ended"
  /** The session was revoked. */
  | "revoked"
  /** The session exists. This token never opened it, or is no longer known. */
  | "unknown";

/** The statuses with which a session opens, if only to be read. */
export type LiveStatus = "current" | "issued" | "previous" | "read-only" | "left-behind";

/** Whether the session opens, if only to be read. */
export function isLive(status: TokenStatus): status is LiveStatus {
  return hasFullRights(status) || status === "read-only" || status === "left-behind";
}

/** Whether the session may be written, touched and renewed. */
export function hasFullRights(status: TokenStatus): boolean {
  return status === "current" || status === "issued" || status === "previous";
}
