import { SessionError } from "../core/errors.ts";
import type { SessionChange } from "../core/store.ts";

/**
 * Judges a request that asked for `renew` while another one was faster. Two log-ins at once, such as a double click,
 * may each start a session, so that the browser is signed in whichever answer it keeps. If a user was signed in
 * already, the second session would be a copy that outlives the log-out of the first, so that it is refused.
 * @throws ERR_SESSION_CONFLICT if a user was signed in when the session was loaded
 */
export function checkMayStartOver({ loadedSubject }: SessionChange): void {
  if (loadedSubject === undefined) return;
  throw new SessionError(
    "ERR_SESSION_CONFLICT",
    "another request has renewed this session; nothing was written",
  );
}
