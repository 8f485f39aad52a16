import { publish, publishEnd } from "../events.ts";
import { hasFullRights } from "../token-status.ts";
import type { ResolvedOptions } from "../options/read-options.ts";
import type { FoundSession, Refused, SessionRecord, StoredSession } from "../store.ts";
import type { Found } from "./find.ts";
import type { Theirs } from "./theirs.ts";

/** The session of a request's cookies, after it was opened and checked. */
export interface Loaded {
  readonly stored: StoredSession | undefined;
  /** The subject of the session. */
  readonly subject: string | undefined;
  /** The value that the browser offered for `stored`. */
  readonly cookie: string | undefined;
  /** Whether the request brought a cookie of the name that a drop may clear. */
  readonly hadCookie: boolean;
  /** Whether another version of Sojourn, or of the application's schema, has written that cookie or its row. */
  readonly otherVersion: boolean;
  /** The data that the request sees, if it differs from the data of `stored`. */
  readonly view?: Pick<SessionRecord, "data" | "flash">;
  /** A session whose data does not fit. It is not shown and not written, but a log-out ends it. */
  readonly misfit?: StoredSession;
  /** Several cookies that were refused together: none of them is the session. */
  readonly unsettled?: Unsettled | undefined;
  /** The cookies of other libraries; absent if there are none that count. */
  readonly theirs?: Theirs | undefined;
  /** Whether `stored` was made of one of theirs, so that its cookie must be sent. */
  readonly isAdopted?: boolean;
}

/** Cookies of one name that were refused together. A log-out or a log-in ends the sessions behind them. */
export interface Unsettled {
  readonly refused: "ambiguous" | "too-many";
  /** The sessions that were opened, each once. */
  readonly opened: readonly StoredSession[];
  /** The cookies that were not tried. */
  readonly untried: readonly string[];
}

/** A request without a session. */
export const NO_SESSION: Loaded = {
  stored: undefined,
  subject: undefined,
  cookie: undefined,
  hadCookie: false,
  otherVersion: false,
};

/** A cookie, and what it opens. */
export interface Candidate {
  readonly cookie: string;
  readonly result: StoredSession | Refused | "expired";
}

/** Opens the session that the cookies name, if there is exactly one, and checks its data by the schema. */
export function openSession(options: ResolvedOptions, found: Found): Loaded {
  const loaded = openAll(options, found);
  const { stored } = loaded;
  publish("fetch", options.cookieName, stored?.handle, stored ? rights(stored) : "anonymous");
  const checked = check(options, loaded);
  return found.theirs ? besideTheirs(checked, found) : checked;
}

/** A session, beside the cookies of other libraries that the request has brought. */
function besideTheirs(loaded: Loaded, { theirs, isAdopted }: Found): Loaded {
  return { ...loaded, theirs, isAdopted: isAdopted === true && loaded.stored !== undefined };
}

/**
 * Opens what the store could answer for, where it has failed for others of several cookies. None of them is the session:
 * it is only known what a log-out has to end.
 */
export function openRest(options: ResolvedOptions, found: Found): Loaded {
  const { cookies, sessions, at, failure } = found;
  const opened = openedOnce(
    sessions.map((session, index) => open(options, cookies[index] ?? "", session, at).result),
  );
  const unsettled = { refused: "ambiguous", opened, untried: failure?.cookies ?? [] } as const;
  const rest = { ...NO_SESSION, hadCookie: true, unsettled };
  return found.theirs ? besideTheirs(rest, found) : rest;
}

function openAll(options: ResolvedOptions, { cookies, sessions, at }: Found): Loaded {
  if (cookies.length === 0) return NO_SESSION;
  if (sessions.length === 0) {
    return refuseAll(options, { refused: "too-many", opened: [], untried: cookies });
  }
  return choose(
    options,
    sessions.map((session, index) => open(options, cookies[index] ?? "", session, at)),
  );
}

/** Opens the session of one cookie, and publishes why, if it does not open. */
export function open(
  options: ResolvedOptions,
  cookie: string,
  found: FoundSession,
  at: number,
): Candidate {
  const result = found.open(at);
  if ("refused" in result) {
    publish("refuse", options.cookieName, result.handle, result.refused);
    return { cookie, result };
  }
  const expiry = options.expiryOf(result.record, at);
  if (expiry === undefined) return { cookie, result };
  const { handle, id } = result;
  publishEnd("expire", options.cookieName, { handle, endedId: id }, expiry);
  return { cookie, result: "expired" };
}

/**
 * Decides between several cookies. Those that open must be one session, and the current token or the newest seal wins.
 * Their order decides nothing, because a neighbouring site can set a cookie that comes first.
 */
function choose(options: ResolvedOptions, candidates: readonly Candidate[]): Loaded {
  let best: Loaded | undefined;
  let hadCookie = true;
  let otherVersion = false;
  for (const { cookie, result } of candidates) {
    if (result === "expired") continue;
    if ("refused" in result) {
      // A drop with a retired token must not clear the cookie that replaced it.
      if (result.refused === "retired") hadCookie = false;
      if (result.refused === "unknown-format") otherVersion = true;
    } else if (!best?.stored) {
      best = { ...NO_SESSION, stored: result, cookie, hadCookie: true };
    } else if (best.stored.handle !== result.handle) {
      const opened = openedOnce(candidates.map((each) => each.result));
      return refuseAll(options, { refused: "ambiguous", opened, untried: [] });
    } else if (isBetter(result, best.stored)) {
      best = { ...NO_SESSION, stored: result, cookie, hadCookie: true };
    }
  }
  return best ?? { ...NO_SESSION, hadCookie, otherVersion };
}

/** The sessions among some results, each by the best of its cookies. */
export function openedOnce(results: readonly Candidate["result"][]): readonly StoredSession[] {
  const best = new Map<string, StoredSession>();
  for (const result of results) {
    if (result === "expired" || "refused" in result) continue;
    const other = best.get(result.handle);
    if (!other || isBetter(result, other)) best.set(result.handle, result);
  }
  return [...best.values()];
}

function rights({ status }: StoredSession): "current" | "retired" {
  return hasFullRights(status) ? "current" : "retired";
}

function isBetter(a: StoredSession, b: StoredSession): boolean {
  if (rights(a) !== rights(b)) return rights(a) === "current";
  // Format 1 of the seals has no time of sealing: they are older than all that have one.
  const [sealed, other] = [a.sealedAt ?? 0, b.sealedAt ?? 0];
  return sealed === other ? a.record.expiresAt > b.record.expiresAt : sealed > other;
}

/** Checks an opened session by the schema, and finds its subject. */
function check(options: ResolvedOptions, loaded: Loaded): Loaded {
  const { stored } = loaded;
  if (!stored) return loaded;
  const { data, flash } = stored.record;
  const fitting = options.schema.read(data);
  if (fitting) {
    const subject = options.subjectOf(fitting);
    if (fitting !== data) return { ...loaded, subject, view: { data: fitting, flash } };
    return subject === undefined ? loaded : { ...loaded, subject };
  }
  publish("refuse", options.cookieName, stored.handle, "schema");
  const refused = { ...NO_SESSION, subject: options.subjectOfStored(data), otherVersion: true };
  // A drop with a token that was renewed away must not clear the cookie that replaced it.
  if (!hasFullRights(stored.status)) return refused;
  return { ...refused, hadCookie: true, misfit: stored };
}

/** Refuses several cookies together: gives an empty session, and publishes an event. */
function refuseAll(options: ResolvedOptions, unsettled: Unsettled): Loaded {
  publish("refuse", options.cookieName, undefined, unsettled.refused);
  return { ...NO_SESSION, hadCookie: true, unsettled };
}
