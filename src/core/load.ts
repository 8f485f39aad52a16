import { chain } from "./awaitable.ts";
import type { Awaitable } from "./awaitable.ts";
import { MAX_CANDIDATES, readCookies } from "./cookie-header.ts";
import { publish } from "./events.ts";
import type { Refusal } from "./events.ts";
import type { Settings } from "./options.ts";
import type { SessionRecord, StoredSession } from "./store.ts";

/** What a request's cookies came to. */
export interface Loaded {
  readonly stored: StoredSession | undefined;
  /** The value that the browser offered for `stored`. */
  readonly cookie: string | undefined;
  /** Whether the request brought a cookie of the name that a drop may clear. */
  readonly presented: boolean;
  /** Why the cookie was not accepted. */
  readonly refused?: Refusal;
  /** What the request sees of `stored`, once it was checked. */
  readonly base?: Pick<SessionRecord, "data" | "flash">;
  /** A session whose data does not fit: nothing of it is shown or written, and a log-out ends it all the same. */
  readonly unfit?: StoredSession;
}

/** A request without a session. */
export const NO_SESSION: Loaded = { stored: undefined, cookie: undefined, presented: false };

interface Candidate {
  readonly cookie: string;
  readonly result: StoredSession | Refusal;
}

/** Opens the session that the Cookie header names, if there is exactly one. No cookie: no call of the store. */
export function load(settings: Settings, header: string | null | undefined): Awaitable<Loaded> {
  const cookies = readCookies(header, settings.key);
  const [cookie] = cookies;
  if (cookie === undefined) return NO_SESSION;
  if (cookies.length > MAX_CANDIDATES) return refuse(settings, "too-many");
  if (cookies.length === 1) {
    return chain(open(settings, cookie), (candidate) => accept(settings, candidate));
  }
  if (settings.backend.immediate) {
    return choose(settings, cookies.map((each) => open(settings, each)) as Candidate[]);
  }
  const opening = Promise.all(cookies.map(async (each) => open(settings, each)));
  return opening.then((candidates) => choose(settings, candidates));
}

function open(settings: Settings, cookie: string): Awaitable<Candidate> {
  return chain(settings.backend.load(cookie), (result) => ({
    cookie,
    result: typeof result === "object" && settings.isOver(result.record) ? "expired" : result,
  }));
}

function accept(settings: Settings, { cookie, result }: Candidate): Loaded {
  if (typeof result === "string") return refuse(settings, result);
  return { stored: result, cookie, presented: true };
}

/**
 * Of several cookies, those that open must be one session; the current secret or the newest seal stands
 * for it. Their order proves nothing: a neighbour can set a cookie that comes first.
 */
function choose(settings: Settings, candidates: readonly Candidate[]): Loaded {
  let best: Candidate | undefined;
  for (const candidate of candidates) {
    if (typeof candidate.result === "string") {
      publish("refuse", { key: settings.key, reason: candidate.result });
    } else if (best === undefined || typeof best.result === "string") {
      best = candidate;
    } else if (best.result.handle !== candidate.result.handle) {
      return refuse(settings, "ambiguous");
    } else if (isBetter(candidate.result, best.result)) {
      best = candidate;
    }
  }
  return best
    ? accept(settings, best)
    : { ...NO_SESSION, presented: !candidates.some(({ result }) => result === "retired") };
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
  if (data) return { ...loaded, base: { data, flash: stored.record.flash } };
  const refused = refuse(settings, "schema");
  // As with any retired secret, the cookie that replaced it is left alone.
  return stored.access === "current"
    ? { ...refused, unfit: stored }
    : { ...refused, presented: false };
}

/** An empty session and an event. A retired secret does not clear the cookie that replaced it. */
function refuse(settings: Settings, reason: Refusal): Loaded {
  publish("refuse", { key: settings.key, reason });
  return { ...NO_SESSION, presented: reason !== "retired", refused: reason };
}
