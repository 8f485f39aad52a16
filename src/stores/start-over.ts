import { SessionError } from "../core/errors.ts";
import type { SessionChange, SessionRecord, StoreContext } from "../core/store.ts";

/**
 * Judges a request that asked for `renew` while another one was faster. Two log-ins at once, such as a double click,
 * may each start a session, so that the browser is signed in whichever answer it keeps. If a user was signed in
 * already, the second session would be a copy that outlives the log-out of the first, so that it is refused. Without the
 * option `subject` somebody may be signed in, so that the new session gets nothing of what the old token reads.
 * @param record what the old token reads
 * @returns what the new session begins with
 * @throws ERR_SESSION_CONFLICT if a user was signed in when the session was loaded
 */
export function baseToStartOver(
  { hasSubject }: StoreContext,
  { loadedSubject }: SessionChange,
  record: SessionRecord,
): SessionRecord | undefined {
  if (loadedSubject === undefined) return hasSubject ? record : undefined;
  throw new SessionError(
    "ERR_SESSION_CONFLICT",
    "another request has renewed this session; nothing was written",
  );
}
