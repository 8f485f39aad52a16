import { andThen, recover } from "../awaitable.ts";
import type { Awaitable } from "../awaitable.ts";
import type { CommitResult } from "../cookie/response-headers.ts";
import { endAt } from "../cookie/set-cookie.ts";
import { isTooLong, overflow } from "../cookie/size.ts";
import { limitReached } from "../errors.ts";
import { publish, publishError } from "../events.ts";
import type { StopReason } from "../events.ts";
import type { ResolvedOptions } from "../options/read-options.ts";
import { asStoreError } from "../store-errors.ts";
import type { Saved, Stopped, StoredSession } from "../store.ts";
import { hasFullRights } from "../token-status.ts";
import type { Changes } from "./changes.ts";
import type { Configuration } from "./configuration.ts";
import type { Client } from "./client.ts";
import type { Loaded } from "../load/load.ts";
import { inShare } from "../load/share.ts";
import type { Share } from "../load/share.ts";
import type { PublicNames } from "../subject/public-id.ts";
import type { SignIn } from "../subject/sign-in-clock.ts";
import { endSession } from "./end-session.ts";
import { endTheirs, endsOthers } from "./end-theirs.ts";
import { planCommit } from "./plan-commit.ts";
import type { CommitPlan } from "./plan-commit.ts";
import { recordChange } from "./record-change.ts";
import {
  clearCookie,
  currentSettings,
  hasFormerOptions,
  isSentAnew,
  sendCookie,
} from "./send-cookie.ts";
import type { Sending } from "./send-cookie.ts";
import { tellCommit } from "./tell-commit.ts";
import { settle, settleForLogIn } from "./settle.ts";

/** What a touch works with: a part of what a commit works with. */
interface Touching {
  readonly options: ResolvedOptions;
  readonly loaded: Loaded;
  readonly configuration?: Configuration | undefined;
  readonly host: Client;
}

/** What a commit works with. */
export interface Commit extends Touching {
  readonly changes: Changes;
  /** When the handler put the subject that the session has now; `undefined` if the handler did not put it. */
  readonly signIn: SignIn | undefined;
  /** When the handler last put the subject, the same or another one. */
  readonly subjectPutAt: number | undefined;
  /** Whether the request has revoked the other sessions of its subject. */
  readonly hasRevoked: boolean;
  /** The public id that this request gives to a new session, and to one that it renews. */
  readonly freshId: () => string;
  /** The time that the request has for the store; `undefined` if the store needs none. */
  readonly share: Share | undefined;
}

/** The outcome of a commit. */
export interface Committed extends CommitResult {
  /** The session that the request has after the commit. */
  readonly session: PublicNames | undefined;
  /** Whether the commit has not made a renewal, because no answer can carry its cookie. */
  readonly undelivered?: boolean;
}

type Plan<Type extends CommitPlan["type"]> = Extract<CommitPlan, { readonly type: Type }>;

const NOTHING: readonly StoredSession[] = [];

/** Decides what a request's session needs, and does it. If the client has gone, an error becomes an event. */
export function commitSession(commit: Commit): Awaitable<Committed> {
  const { options, loaded, host, share } = commit;
  const carry = (): Awaitable<Committed> =>
    inShare(share, () => {
      const plan = planOf(commit);
      return loaded.theirs && endsOthers(plan)
        ? endTheirs(options, loaded, plan, () => carryOut(plan, commit))
        : carryOut(plan, commit);
    });
  return recover(
    () => asStoreError(carry, "committing a session"),
    (error) => {
      if (!host.isGone()) throw error;
      const { handle } = loaded.stored ?? loaded.misfit ?? {};
      publishError("commit-error", options.cookieName, handle, error);
      return { setCookie: undefined, session: loaded.stored };
    },
  );
}

function planOf(commit: Commit): CommitPlan {
  const { options, changes, configuration, host, hasRevoked } = commit;
  const { stored, otherVersion, unsettled, theirs, isAdopted = false } = commit.loaded;
  const hadCookie = commit.loaded.hadCookie || theirs !== undefined;
  const changed = changes.any || isLivingOtherwise(commit);
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
    hasRevoked,
    // The question may cost time, and a request that changes nothing does not need the answer.
    noAnswer: (changed || configuration !== undefined) && host.isGone(),
    hadCookie,
    refused: unsettled?.refused,
    otherVersion,
    stored: stored && {
      mayWrite: hasFullRights(stored.status),
      refresh: stored.refresh,
      // `renewEvery` has replaced this token. Its request must not replace the cookie that has arrived since.
      hasFormerOptions:
        stored.status !== "previous" && (isAdopted || hasFormerOptions(options, stored)),
      expiresAt: stored.record.expiresAt,
    },
    // Without a session nothing is touched, and the clock need not be asked.
    deadline: stored ? deadlineOf(options, stored) : 0,
    touchInterval: options.lifespans.of(stored?.record).touchInterval,
  });
}

/** The deadline that a commit would give the session. */
function deadlineOf(
  { idleDeadline, lifespans }: ResolvedOptions,
  { record }: StoredSession,
): number {
  return Math.min(idleDeadline(record), lifespans.endOf(record));
}

/** Whether the request has given the stored session another lifetime. */
function isLivingOtherwise({ configuration, loaded }: Touching): boolean {
  const asked = configuration?.lifetime;
  if (!asked || !loaded.stored) return false;
  const { idle, absolute } = loaded.stored.record.lifetime ?? {};
  return asked.idle !== idle || asked.absolute !== absolute;
}

/** Carries out a plan: the store first, then at most one cookie for the session. */
function carryOut(plan: CommitPlan, commit: Commit): Awaitable<Committed> {
  const { stored } = commit.loaded;
  switch (plan.type) {
    case "none":
      return { setCookie: undefined, session: stored };
    case "create":
      return createAlone(commit);
    case "drop":
      return drop(plan, commit);
    case "stop":
      return { ...stop(commit, plan.reason), undelivered: plan.reason === "no-answer" };
    case "touch":
      return stored ? touch(stored, commit) : { setCookie: undefined, session: undefined };
    case "write":
    case "renew": {
      if (!stored) return create(commit, NOTHING);
      const change = recordChange(commit, plan.type === "renew");
      return andThen(stored.write(change), (result) => finish(plan, commit, result, [stored]));
    }
  }
}

const HEAD_HAS_LEFT = { isGone: () => true, isInsecure: () => false } as const;

/** Touches a row whose handler looked first after the head had left. No cookie reaches the client then. */
export function touchLate(options: ResolvedOptions, loaded: Loaded): void {
  const { stored } = loaded;
  if (!stored || !hasFullRights(stored.status)) return;
  const { idleDeadline, lifespans } = options;
  const { record } = stored;
  if (idleDeadline(record) - record.expiresAt < lifespans.of(record).touchInterval) return;
  void touch(stored, { options, loaded, host: HEAD_HAS_LEFT }); // No request waits for it, and it does not fail.
}

/** Touches a session. Nothing that the request did depends on it, so that a store that fails takes no page away. */
function touch(stored: StoredSession, commit: Touching): Awaitable<Committed> {
  const { options, loaded } = commit;
  return recover(
    () => {
      const touching = stored.touch({
        resend: (loaded.isAdopted || hasFormerOptions(options, stored)) && !commit.host.isGone(),
        sentOptions: options.sentOptions,
        expiresAt: options.idleDeadline(stored.record),
        subject: loaded.subject,
        isGone: () => commit.host.isGone(),
      });
      return andThen(touching, (result) =>
        result ? finish({ type: "touch" }, commit, result, [stored]) : unchanged(commit),
      );
    },
    (error) => {
      publishError("touch-error", options.cookieName, stored.handle, error);
      return unchanged(commit);
    },
  );
}

/**
 * Starts a session. Where several cookies were refused together, this is a log-in, and the sessions behind them end
 * first: if that fails, nothing was begun.
 */
function createAlone(commit: Commit): Awaitable<Committed> {
  const { unsettled, misfit } = commit.loaded;
  // A session of another version goes on: a process of that version can read it.
  if (!unsettled) return create(commit, misfit ? [misfit] : NOTHING);
  return settleForLogIn(commit, unsettled).then((settled) =>
    "stopped" in settled ? stop(commit, settled.stopped) : create(commit, settled.opened),
  );
}

/** @param had the sessions whose cookies the browser has */
function create(commit: Commit, had: readonly StoredSession[]): Awaitable<Committed> {
  const creating = commit.options.backend.create(recordChange(commit, true), commit.share);
  return andThen(creating, (result) => finish({ type: "create" }, commit, result, had));
}

function drop(plan: Plan<"drop">, commit: Commit): Awaitable<Committed> {
  const { options, loaded } = commit;
  const { unsettled, subject } = loaded;
  if (unsettled) {
    return settle(options, unsettled, plan.reason).then(({ opened, allGoOn }) =>
      allGoOn ? unchanged(commit) : dropped(plan, commit, opened),
    );
  }
  const session = loaded.stored ?? loaded.misfit;
  if (!session) return dropped(plan, commit, NOTHING);
  return andThen(endSession(options.cookieName, session, subject, plan.reason), (isOver) =>
    isOver ? dropped(plan, commit, [session]) : unchanged(commit),
  );
}

/** Clears the cookie after a log-out, or makes the session that was begun after it. */
function dropped(
  plan: Plan<"drop">,
  commit: Commit,
  had: readonly StoredSession[],
): Awaitable<Committed> {
  if (plan.next === "create") return create(commit, had);
  if (plan.next === "stop") stop(commit, "no-answer");
  const { options, host, configuration, loaded } = commit;
  const [session] = had;
  const own = { ...session?.record.sentAttributes, ...configuration?.cookie };
  const cleared = clearCookie(
    { options, host, handle: session?.handle, had, theirs: loaded.theirs },
    currentSettings(options, own),
  );
  return { ...cleared, session: undefined, written: true, outdatesPages: true };
}

function finish(
  plan: Exclude<CommitPlan, { type: "none" | "stop" | "drop" }>,
  commit: Touching,
  result: Saved | Stopped,
  had: readonly StoredSession[],
): Committed {
  if ("stopped" in result) return stop(commit, result.stopped);
  const { options, loaded, host, configuration } = commit;
  const { cookieName } = options;
  const { handle, cookie, record } = result;
  const before = cookie === loaded.cookie ? loaded.stored?.record : undefined;
  const current = currentSettings(options, record.sentAttributes);
  const hasOtherEnd = current.settings.persist && isLivingOtherwise(commit);
  const isOther = configuration?.reconfigured || hasOtherEnd || loaded.isAdopted;
  const isSame = before && !isOther && !isSentAnew(options, before, current);
  const isNews = cookie !== undefined && !isSame;
  const fits = !isNews || !isTooLong(cookieName, cookie);
  // A cookie that is too long is an error of the request that wrote the data. A touch only seals the same data anew, and
  // sends no cookie instead.
  if (!fits && plan.type !== "touch") throw overflow(cookieName, cookie, record);
  tellCommit(plan, cookieName, result);
  const id = record.id ?? loaded.stored?.id;
  const session = id === undefined ? undefined : { handle, id };
  const written = plan.type !== "touch";
  if (!isNews) return { setCookie: undefined, session, written };
  if (!fits) {
    publish("drop-cookie", cookieName, handle, "overflow");
    return { setCookie: undefined, session, written };
  }
  const deadline = options.lifespans.endOf(record);
  const end = current.settings.persist ? endAt(deadline, options.now()) : undefined;
  const sending: Sending = { options, host, handle, had, theirs: loaded.theirs };
  const sent = sendCookie(sending, cookie, current, end);
  const outdatesPages = plan.type === "create" || plan.type === "renew";
  return { ...sent, session, written, outdatesPages };
}

function stop(commit: Touching, reason: StopReason): Committed {
  publish("stop", commit.options.cookieName, commit.loaded.stored?.handle, reason);
  if (reason === "limit") throw limitReached();
  return unchanged(commit);
}

function unchanged({ loaded }: Touching): Committed {
  return { setCookie: undefined, session: loaded.stored };
}
