import { chain, rescue } from "../awaitable.ts";
import type { Awaitable } from "../awaitable.ts";
import type { Outcome } from "../cookie/response-headers.ts";
import type { Changes } from "./changes.ts";
import type { Configuration } from "./settings.ts";
import { isTooLong, overflow } from "../cookie/size.ts";
import { SessionError } from "../errors.ts";
import { publish } from "../events.ts";
import type { Loaded } from "./load.ts";
import type { Settings } from "../options/read-options.ts";
import { planCommit } from "./plan-commit.ts";
import type { CommitPlan } from "./plan-commit.ts";
import { clearCookie, writeAttributes, writeMaxAge } from "../cookie/set-cookie.ts";
import type { Bag, Saved, SessionChange, SessionRecord, Stopped } from "../store.ts";
import type { CookieSettings } from "../types.ts";
import { EMPTY } from "../data/values.ts";

/** What a commit works with. */
export interface Commit {
  readonly settings: Settings;
  readonly loaded: Loaded;
  readonly changes: Changes;
  readonly configuration: Configuration | undefined;
  /** When the handler put the subject that the session has now, if it did. */
  readonly subjectAt: number | undefined;
  readonly host: { isInsecure(): boolean; isGone(): boolean };
}

/** What became of it. */
export interface Committed extends Outcome {
  readonly handle: string | undefined;
}

/** Decides what a request's session needs, and does it. */
export function commitSession(commit: Commit): Awaitable<Committed> {
  return asStoreError(() => carryOut(planOf(commit), commit), "committing a session");
}

function planOf(commit: Commit): CommitPlan {
  const { settings, changes, configuration, host } = commit;
  const { stored, presented, foreign } = commit.loaded;
  const changed = changes.any;
  const absolute = (stored?.record.createdAt ?? settings.now()) + settings.absolute;
  const subject = stored && settings.subjectOfStored(stored.record.data);
  return planCommit({
    drop: configuration?.drop ?? false,
    ignore: configuration?.ignore ?? false,
    renew: configuration?.renew ?? false,
    reconfigured: configuration?.reconfigured ?? false,
    changed,
    empty: changes.empty,
    subjectChanged: subject !== settings.subjectOf(changes.data),
    // Asking may cost, and a request that changes nothing does not need to know.
    clientGone: (changed || configuration !== undefined) && host.isGone(),
    presented,
    foreign,
    stored: stored && {
      access: stored.access,
      refresh: stored.refresh,
      expiresAt: stored.record.expiresAt,
    },
    deadline: Math.min(idleDeadline(settings), absolute),
    touchInterval: settings.touchInterval,
  });
}

/** The idle deadline of a session that is used now. */
function idleDeadline({ idle, now }: Settings): number {
  return Math.floor(now() + idle);
}

/** Carries out a plan: the store first, then at most one Set-Cookie. */
function carryOut(plan: CommitPlan, commit: Commit): Awaitable<Committed> {
  const { settings, loaded } = commit;
  const { stored } = loaded;
  switch (plan.type) {
    case "none":
      return { setCookie: undefined, handle: stored?.handle };
    case "create":
      return create(commit);
    case "drop":
      return drop(plan.create, commit);
    case "touch": {
      if (!stored) return { setCookie: undefined, handle: undefined };
      const isGone = (): boolean => commit.host.isGone();
      return chain(stored.touch(idleDeadline(settings), isGone), (result) =>
        finish(plan, commit, result),
      );
    }
    case "write":
    case "renew": {
      if (!stored) return create(commit);
      const change = changeOf(commit, plan.type === "renew");
      return chain(stored.write(change), (result) => finish(plan, commit, result));
    }
  }
}

function create(commit: Commit): Awaitable<Committed> {
  const creating = commit.settings.backend.create(changeOf(commit, true));
  return chain(creating, (result) => finish({ type: "create" }, commit, result));
}

function drop(andCreate: boolean, commit: Commit): Awaitable<Committed> {
  const { settings, loaded } = commit;
  const { key } = settings;
  const ended = loaded.stored ?? loaded.unfit;
  return chain(ended?.drop() ?? "dropped", (result) => {
    if (result !== "dropped") return stop(commit, result);
    publish("drop", key, ended?.handle, "asked");
    if (andCreate) return create(commit);
    const { attributes } = cookieOf(commit, ended?.record.sent);
    return { setCookie: clearCookie(key, attributes), handle: undefined };
  });
}

/** What the request did, for the store to apply: to what was loaded, or again to what it finds. */
function changeOf(commit: Commit, renew: boolean): SessionChange {
  const { settings, changes, configuration, subjectAt, host } = commit;
  const now = settings.now();
  return {
    renew,
    isGone: () => host.isGone(),
    apply(base: SessionRecord | undefined): SessionRecord {
      const data = replay(commit, base?.data ?? EMPTY);
      return {
        data,
        flash: changes.applyToFlash(base?.flash ?? {}),
        sent: { ...base?.sent, ...configuration?.cookie },
        createdAt: base?.createdAt ?? Math.floor(subjectAt ?? now),
        expiresAt: idleDeadline(settings),
        since: sinceOf(commit, base, data),
      };
    },
  };
}

/** Since when the session has the subject that it will have. */
function sinceOf(
  { settings, subjectAt }: Commit,
  base: SessionRecord | undefined,
  data: Bag,
): number | undefined {
  const subject = settings.subjectOf(data);
  if (subject === undefined) return undefined;
  const before = base && settings.subjectOfStored(base.data);
  // A session from before the option `subject` was given has had it all along, as far as is known.
  if (base && subject === before) return base.since ?? base.createdAt;
  return subjectAt ?? settings.moments.ofLogIn();
}

/** Marks what a function of the application threw, so that it is not taken for the store's. */
class UpdateFailed extends Error {}

function replay({ settings: { schema }, changes }: Commit, stored: Bag): Bag {
  try {
    const base = schema.read(stored);
    if (base) return schema.keep(stored, changes.applyTo(base));
    throw new SessionError(
      "ERR_SESSION_SCHEMA",
      "the stored session does not fit the schema; it was left as it is",
    );
  } catch (cause) {
    throw new UpdateFailed("update failed", { cause });
  }
}

function finish(
  plan: Exclude<CommitPlan, { type: "none" | "drop" }>,
  commit: Commit,
  result: Saved | Stopped,
): Committed {
  if ("stopped" in result) return stop(commit, result);
  const { settings, loaded, configuration } = commit;
  const { key } = settings;
  const { handle, cookie, record } = result;
  const same = cookie === loaded.cookie && !configuration?.reconfigured;
  const isNews = cookie !== undefined && !same;
  const fits = !isNews || !isTooLong(key, cookie);
  // Only the request's own writes are its fault; a re-seal that does not fit is left out.
  if (!fits && plan.type !== "touch") throw overflow(key, cookie, record);
  tell(plan, key, result);
  if (!isNews) return { setCookie: undefined, handle };
  if (!fits) {
    publish("drop-cookie", key, handle, "overflow");
    return { setCookie: undefined, handle };
  }
  const { attributes, persist, secure } = cookieOf(commit, record.sent);
  if (secure) noticeInsecure(commit, handle);
  const left = record.createdAt + settings.absolute - settings.now();
  const maxAge = persist ? writeMaxAge(left) : "";
  return { setCookie: `${key}=${cookie}${maxAge}${attributes}`, handle };
}

function stop({ settings, loaded }: Commit, { stopped }: Stopped): Committed {
  const handle = loaded.stored?.handle;
  publish("stop", settings.key, handle, stopped);
  return { setCookie: undefined, handle };
}

function tell(plan: Parameters<typeof finish>[0], key: string, { handle, rotation }: Saved): void {
  if (plan.type === "renew") publish("renew", key, handle, plan.reason);
  else publish("commit", key, handle, plan.type);
  if (rotation === "issued") publish("renew", key, handle, "interval");
  if (rotation === "presented") publish("retire", key, handle, "presented");
}

/** The attributes with which this session's cookie is, or was last, sent. */
function cookieOf(
  { settings, configuration }: Commit,
  sent: Partial<CookieSettings> | undefined,
): Pick<CookieSettings, "persist" | "secure"> & { readonly attributes: string } {
  const { persist, secure } = settings.cookie;
  const own = { ...sent, ...configuration?.cookie };
  if (Object.keys(own).length === 0) return { persist, secure, attributes: settings.attributes };
  const cookie = { ...settings.cookie, ...own };
  return { ...cookie, attributes: writeAttributes(cookie) };
}

const noticed = new WeakSet<Settings>();

/** Once per process and cookie: the browser may drop what we send, and the developer should hear of it. */
function noticeInsecure({ settings, host }: Commit, handle: string): void {
  if (noticed.has(settings) || !host.isInsecure()) return;
  noticed.add(settings);
  publish("drop-cookie", settings.key, handle, "insecure-transport");
}

/** A failing store is `ERR_SESSION_STORE` with its cause; our own errors pass as they are. */
export function asStoreError<T>(task: () => Awaitable<T>, doing: string): Awaitable<T> {
  return rescue(task, (error) => {
    if (error instanceof UpdateFailed) throw error.cause;
    if (error instanceof SessionError) throw error;
    throw new SessionError("ERR_SESSION_STORE", `the session store failed while ${doing}`, {
      cause: error,
    });
  });
}
