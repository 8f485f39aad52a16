/** The names of all events, once for every test that listens: a new event that is missing here does not compile. */
import type { SessionEvents } from "../../src/core/events.ts";

// Types alone are imported: what a set-up file has loaded, a test cannot mock.
const NAMES: Readonly<Record<keyof SessionEvents, true>> = {
  fetch: true,
  commit: true,
  renew: true,
  retire: true,
  drop: true,
  revoke: true,
  expire: true,
  refuse: true,
  stop: true,
  adopt: true,
  "drop-cookie": true,
  "late-look": true,
  "weak-name": true,
  "touch-error": true,
  "commit-error": true,
  "store-error": true,
  "sweep-error": true,
};

export const EVENT_NAMES = Object.keys(NAMES) as readonly (keyof SessionEvents)[];

/**
 * What a test lists. Every request with a session causes `fetch`, and `weak-name` comes once for each cookie name that
 * is none of `__Host-`: whichever test is the first would hear it. `store-error` tells of calls, and not of sessions.
 */
export const EVENTS_BESIDE_FETCH: readonly (keyof SessionEvents)[] = EVENT_NAMES.filter(
  (name) => name !== "fetch" && name !== "weak-name" && name !== "store-error",
);
