import { andThen, recover } from "../awaitable.ts";
import type { Awaitable } from "../awaitable.ts";
import type { CommitResult } from "../cookie/response-headers.ts";
import { FORGET, endAt, writeAttributes, writeCookie } from "../cookie/set-cookie.ts";
import { tellInsecureTransport } from "../cookie/insecure-transport.ts";
import type { SentCookie } from "../cookie/set-cookie.ts";
import { isTooLong, overflow } from "../cookie/size.ts";
import { publish, publishEnd, publishError } from "../events.ts";
import type { ResolvedOptions } from "../options/read-options.ts";
import { asStoreError } from "../store-errors.ts";
import type { Dropped, Saved, Stopped, StoredSession } from "../store.ts";
import { hasFullRights } from "../token-status.ts";
import type { CookieSettings } from "../types.ts";
import type { Changes } from "./changes.ts";
import type { Configuration } from "./configuration.ts";
import type { Client } from "./client.ts";
import type { Loaded } from "../load/load.ts";
import type { PublicNames } from "../subject/public-id.ts";
import { planCommit } from "./plan-commit.ts";
import type { CommitPlan } from "./plan-commit.ts";
import { recordChange } from "./record-change.ts";

/** What a commit works with, of which a touch needs little. */
interface Touching {
  readonly options: ResolvedOptions;
  readonly loaded: Loaded;
  readonly configuration?: Configuration | undefined;
  readonly host: Client;
}

/** What a commit works with. */
export interface Commit extends Touching {
  readonly changes: Changes;
  /** When the handler put the subject that the session has now, if it did. */
  readonly signedInAt: number | undefined;
  /** The public id that this request gives to a new session, and to one that it renews. */
  readonly freshId: () => string;
}

/** What became of it. */
export interface Committed extends CommitResult {
  /** The session that the request has after it. */
  readonly session: PublicNames | undefined;
}

type Plan<Type extends CommitPlan["type"]> = Extract<CommitPlan, { readonly type: Type }>;

const NOTHING_DROPPED: Dropped = { endedId: undefined };
const NO_ANSWER = { stopped: "no-answer" } as const;

/** Decides what a request's session needs, and does it. If nobody is left to be told of an error, it is an event. */
export function commitSession(commit: Commit): Awaitable<Committed> {
  const { options, loaded, host } = commit;
  return recover(
    () => asStoreError(() => carryOut(planOf(commit), commit), "committing a session"),
    (error) => {
      if (!host.isGone()) throw error;
      const { handle } = loaded.stored ?? loaded.misfit ?? {};
      publishError("commit-error", options.cookieName, handle, error);
      return { setCookie: undefined, session: loaded.stored };
    },
  );
}

function planOf(commit: Commit): CommitPlan {
  const { options, changes, configuration, host } = commit;
  const { stored, hadCookie, otherVersion } = commit.loaded;
  const changed = changes.any;
  const absolute = (stored?.record.createdAt ?? options.now()) + options.absolute;
  const subject = stored && commit.loaded.subject;
  return planCommit({
    drop: configuration?.drop ?? false,
    ignore: configuration?.ignore ?? false,
    renew: configuration?.renew ?? false,
    reconfigured: configuration?.reconfigured ?? false,
    changed,
    empty: changes.empty,
    subjectChanged: subject !== changes.subject,
    subjectRemoved: subject !== undefined && changes.subject === undefined,
    // Asking may cost, and a request that changes nothing does not need to know.
    noAnswer: (changed || configuration !== undefined) && host.isGone(),
    hadCookie,
    otherVersion,
    stored: stored && {
      mayWrite: hasFullRights(stored.status),
      refresh: stored.refresh,
      expiresAt: stored.record.expiresAt,
    },
    deadline: Math.min(options.idleDeadline(), absolute),
    touchInterval: options.touchInterval,
  });
}

/** Carries out a plan: the store first, then at most one Set-Cookie. */
function carryOut(plan: CommitPlan, commit: Commit): Awaitable<Committed> {
  const { stored } = commit.loaded;
  switch (plan.type) {
    case "none":
      return { setCookie: undefined, session: stored };
    case "create":
      return create(commit);
    case "drop":
      return drop(plan, commit);
    case "stop":
      return stop(commit, NO_ANSWER);
    case "touch":
      return stored ? touch(stored, commit) : { setCookie: undefined, session: undefined };
    case "write":
    case "renew": {
      if (!stored) return create(commit);
      const change = recordChange(commit, plan.type === "renew");
      return andThen(stored.write(change), (result) => finish(plan, commit, result));
    }
  }
}

const HEAD_HAS_LEFT = { isGone: () => true, isInsecure: () => false } as const;

/** The first look came after the head, so that no cookie reaches the client. A row can be touched all the same. */
export function touchLate(options: ResolvedOptions, loaded: Loaded): void {
  const { stored } = loaded;
  if (!stored || !hasFullRights(stored.status)) return;
  if (options.idleDeadline() - stored.record.expiresAt < options.touchInterval) return;
  void touch(stored, { options, loaded, host: HEAD_HAS_LEFT }); // No request waits for it, and it does not fail.
}

/** Nothing that the request did depends on a touch: if the store fails, the page leaves all the same. */
function touch(stored: StoredSession, commit: Touching): Awaitable<Committed> {
  const { options, loaded } = commit;
  const unchanged: Committed = { setCookie: undefined, session: stored };
  return recover(
    () => {
      const touching = stored.touch({
        expiresAt: options.idleDeadline(),
        subject: loaded.subject,
        isGone: () => commit.host.isGone(),
      });
      return andThen(touching, (result) =>
        result ? finish({ type: "touch" }, commit, result) : unchanged,
      );
    },
    (error) => {
      publishError("touch-error", options.cookieName, stored.handle, error);
      return unchanged;
    },
  );
}

function create(commit: Commit): Awaitable<Committed> {
  const creating = commit.options.backend.create(recordChange(commit, true));
  return andThen(creating, (result) => finish({ type: "create" }, commit, result));
}

function drop(plan: Plan<"drop">, commit: Commit): Awaitable<Committed> {
  const { options, loaded } = commit;
  const { cookieName } = options;
  const ended = loaded.stored ?? loaded.misfit;
  return andThen(ended?.drop(loaded.subject) ?? NOTHING_DROPPED, (result) => {
    if ("stopped" in result) return stop(commit, result);
    const { endedId } = result;
    publishEnd("drop", cookieName, { handle: ended?.handle, endedId }, plan.reason);
    if (plan.next === "create") return create(commit);
    if (plan.next === "stop") stop(commit, NO_ANSWER);
    const { settings, attributes } = cookieOf(commit, ended?.record.sentAttributes);
    const cleared = { name: cookieName, value: "", settings, end: FORGET };
    return {
      ...send(commit, cleared, attributes, ended?.handle),
      written: true,
      outdatesPages: true,
    };
  });
}

function finish(
  plan: Exclude<CommitPlan, { type: "none" | "stop" | "drop" }>,
  commit: Touching,
  result: Saved | Stopped,
): Committed {
  if ("stopped" in result) return stop(commit, result);
  const { options, loaded, configuration } = commit;
  const { cookieName } = options;
  const { handle, cookie, record } = result;
  const same = cookie === loaded.cookie && !configuration?.reconfigured;
  const isNews = cookie !== undefined && !same;
  const fits = !isNews || !isTooLong(cookieName, cookie);
  // A cookie that is too long is an error of the request that wrote the data. A touch only seals the same data anew, so
  // its cookie is left out instead.
  if (!fits && plan.type !== "touch") throw overflow(cookieName, cookie, record);
  tell(plan, cookieName, result);
  const id = record.id ?? loaded.stored?.id;
  const session = id === undefined ? undefined : { handle, id };
  const written = plan.type !== "touch";
  if (!isNews) return { setCookie: undefined, session, written };
  if (!fits) {
    publish("drop-cookie", cookieName, handle, "overflow");
    return { setCookie: undefined, session, written };
  }
  const { settings, attributes } = cookieOf(commit, record.sentAttributes);
  if (settings.secure) noticeInsecure(commit, handle);
  const deadline = record.createdAt + options.absolute;
  const end = settings.persist ? endAt(deadline, options.now()) : undefined;
  const sent = send(commit, { name: cookieName, value: cookie, settings, end }, attributes, handle);
  const outdatesPages = plan.type === "create" || plan.type === "renew";
  return { ...sent, session, written, outdatesPages };
}

/**
 * Gives the cookie to the answer, if one can leave.
 * @param whose the handle of the session whose cookie it is
 */
function send(
  { options, host }: Touching,
  cookie: SentCookie,
  attributes: string,
  whose: string | undefined,
): Committed {
  if (!host.isGone()) {
    return { setCookie: writeCookie(cookie, attributes), cookie, session: undefined };
  }
  publish("drop-cookie", options.cookieName, whose, "no-answer");
  return { setCookie: undefined, session: undefined };
}

function stop({ options, loaded }: Touching, { stopped }: Stopped): Committed {
  publish("stop", options.cookieName, loaded.stored?.handle, stopped);
  return { setCookie: undefined, session: loaded.stored };
}

function tell(plan: Parameters<typeof finish>[0], key: string, saved: Saved): void {
  const { handle, endedId, rotation } = saved;
  if (plan.type === "renew") publishEnd("renew", key, { handle, endedId }, plan.reason);
  else publish("commit", key, handle, plan.type);
  if (rotation === "issued") publishEnd("renew", key, { handle, endedId: undefined }, "interval");
  if (rotation === "unpresented")
    publishEnd("renew", key, { handle, endedId: undefined }, rotation);
  if (rotation === "presented") publish("retire", key, handle, "presented");
}

/** The attributes with which this session's cookie is, or was last, sent. */
function cookieOf(
  { options, configuration }: Touching,
  sent: Partial<CookieSettings> | undefined,
): { readonly settings: CookieSettings; readonly attributes: string } {
  const own = { ...sent, ...configuration?.cookie };
  const { cookie, attributes } = options;
  if (Object.keys(own).length === 0) return { settings: cookie, attributes };
  const settings = { ...cookie, ...own };
  return { settings, attributes: writeAttributes(settings) };
}

const noticed = new WeakSet<ResolvedOptions>();

/** Once per process and cookie: the browser may drop what we send, and the developer should hear of it. */
function noticeInsecure({ options, host }: Touching, handle: string): void {
  if (noticed.has(options) || !host.isInsecure()) return;
  noticed.add(options);
  tellInsecureTransport(options.cookieName, handle);
}
