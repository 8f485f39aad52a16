import { chain } from "../awaitable.ts";
import type { Awaitable } from "../awaitable.ts";
import { MAX_CANDIDATES, readCookies } from "../cookie/read-cookies.ts";
import { publish } from "../events.ts";
import type { Settings } from "../options/read-options.ts";
import type { Refused, SessionRecord, StoredSession } from "../store.ts";

/** What a request's cookies came to. */
export interface Loaded {
  readonly stored: StoredSession | undefined;
  /** The value that the browser offered for `stored`. */
  readonly cookie: string | undefined;
  /** Whether the request brought a cookie of the name that a drop may clear. */
  readonly presented: boolean;
  /** Whether that cookie, or its row, is from another version, of Sojourn or of the application's schema. */
  readonly foreign: boolean;
  /** What the request sees of `stored`, where that is not what is stored. */
  readonly base?: Pick<SessionRecord, "data" | "flash">;
  /** A session whose data does not fit: nothing of it is shown or written, and a log-out ends it all the same. */
  readonly unfit?: StoredSession;
}

/** A request without a session. */
export const NO_SESSION: Loaded = {
  stored: undefined,
  cookie: undefined,
  presented: false,
  foreign: false,
};

interface Candidate {
  readonly cookie: string;
  readonly result: StoredSession | Refused | "expired";
}

/** Opens the session that the Cookie header names, if there is exactly one. No cookie: no call of the store. */
export function load(settings: Settings, header: string | null | undefined): Awaitable<Loaded> {
  return chain(find(settings, header), (loaded) => {
    const { stored } = loaded;
    publish("fetch", settings.key, stored?.handle, stored?.access ?? "anonymous");
    return loaded;
  });
}

function find(settings: Settings, header: string | null | undefined): Awaitable<Loaded> {
  const cookies = readCookies(header, settings.key);
  const [cookie] = cookies;
  if (cookie === undefined) return NO_SESSION;
  if (cookies.length > MAX_CANDIDATES) return refuseAll(settings, "too-many");
  if (cookies.length === 1) {
    return chain(open(settings, cookie), (candidate) => choose(settings, [candidate]));
  }
  if (settings.backend.immediate) {
    return choose(settings, cookies.map((each) => open(settings, each)) as Candidate[]);
  }
  const opening = Promise.all(cookies.map(async (each) => open(settings, each)));
  return opening.then((candidates) => choose(settings, candidates));
}

function open(settings: Settings, cookie: string): Awaitable<Candidate> {
  return chain(settings.backend.load(cookie), (result) => {
    if ("refused" in result) {
      publish("refuse", settings.key, result.handle, result.refused);
      return { cookie, result };
    }
    const expiry = settings.expiryOf(result.record);
    if (expiry === undefined) return { cookie, result };
    publish("expire", settings.key, result.handle, expiry);
    return { cookie, result: "expired" };
  });
}

/**
 * Of several cookies, those that open must be one session; the current secret or the newest seal stands
 * for it. Their order proves nothing: a neighbour can set a cookie that comes first.
 */
function choose(settings: Settings, candidates: readonly Candidate[]): Loaded {
  let best: Loaded | undefined;
  let presented = true;
  let foreign = false;
  for (const { cookie, result } of candidates) {
    if (result === "expired") continue;
    if ("refused" in result) {
      // A retired secret does not clear the cookie that replaced it.
      if (result.refused === "retired") presented = false;
      if (result.refused === "unknown-format") foreign = true;
    } else if (!best?.stored) {
      best = { stored: result, cookie, presented: true, foreign: false };
    } else if (best.stored.handle !== result.handle) {
      return refuseAll(settings, "ambiguous");
    } else if (isBetter(result, best.stored)) {
      best = { stored: result, cookie, presented: true, foreign: false };
    }
  }
  return best ?? { ...NO_SESSION, presented, foreign };
}

function isBetter(a: StoredSession, b: StoredSession): boolean {
  if (a.access !== b.access) return a.access === "current";
  return a.record.expiresAt > b.record.expiresAt;
}

/** Checks what was found against the schema. It costs, so it waits until somebody looks at the session. */
export function check(settings: Settings, loaded: Loaded): Loaded {
  const { stored } = loaded;
  if (!stored) return loaded;
  const data = settings.schema.read(stored.record.data);
  if (data === stored.record.data) return loaded;
  if (data) return { ...loaded, base: { data, flash: stored.record.flash } };
  publish("refuse", settings.key, stored.handle, "schema");
  const refused = { ...NO_SESSION, foreign: true };
  // As with any retired secret, the cookie that replaced it is left alone.
  return stored.access === "current" ? { ...refused, presented: true, unfit: stored } : refused;
}

/** An empty session and an event, for cookies that are refused together. */
function refuseAll(settings: Settings, reason: "ambiguous" | "too-many"): Loaded {
  publish("refuse", settings.key, undefined, reason);
  return { ...NO_SESSION, presented: true };
}
