import { andThen } from "../awaitable.ts";
import type { Awaitable } from "../awaitable.ts";
import { publish, publishEnd } from "../events.ts";
import type { Drop } from "../events.ts";
import type { StoredSession } from "../store.ts";

/**
 * Ends a session, and publishes what became of it. Gives `false` if the session goes on, because its cookie has no right
 * to end it.
 * @param subject the subject of the session when it was loaded
 */
export function endSession(
  cookieName: string,
  session: StoredSession,
  subject: string | undefined,
  reason: Drop,
): Awaitable<boolean> {
  const { handle } = session;
  return andThen(session.drop(subject), (result) => {
    if ("stopped" in result) {
      publish("stop", cookieName, handle, result.stopped);
      return result.stopped === "gone";
    }
    publishEnd("drop", cookieName, { handle, endedId: result.endedId }, reason);
    return true;
  });
}
