import { channel } from "node:diagnostics_channel";

/** What a fetch found. */
export type Fetched =
  | "anonymous" // no session: no cookie, or none that was accepted
  | "current" // a session, with the right to write
  | "retired"; // a session by a token that was renewed away: read-only, for a while

/** What a commit did to the stored session. */
export type Committal = "create" | "write" | "touch";

/** Why a session got a new token. */
export type Renewal =
  | "asked" // by `renew`
  | "subject" // its subject was set, changed or removed
  | "interval" // `lifetime.renewEvery` has passed; the old one stays good until the new one is presented
  | "unpresented"; // the same, and nobody has presented the new ones of three rounds before: a thief, or no cookies

/** Why a token lost its rights although the application did not ask for a renewal. */
export type Retirement = "presented"; // its successor was presented

/** Why a request ended its session. */
export type Drop =
  | "asked" // by `drop`
  | "log-in" // a log-in has found several cookies of the name, and this session behind one of them
  | "subject" // its subject was removed, and no answer can carry the new token to what is left of it
  | "no-answer" // the others were revoked, and no answer can carry the new token that shuts out copies of this one
  | "unpresented"; // `lifetime.endUnpresented`: nobody has presented the new tokens of three rounds

/** Why another request than its own ended a session. */
export type Revocation =
  | "subject" // `revoke`: all of the subject's sessions
  | "handle" // `revokeOne`
  | "limit" // the subject has newer sessions, as many as `limit` allows
  | "late"; // a log-in that began before the revocation and was committed after it

/** Why a cookie was not accepted. Published, never thrown. */
export type Refusal =
  | "malformed" // not the shape of our cookies, or data of another library that no session can keep
  | "forged" // the cookie or its row was made with none of our secrets, or was changed
  | "unknown-format" // from another version of Sojourn: refused, and never overwritten
  | "unknown" // no such session: it was ended, or never was
  | "schema" // its data does not fit the option `schema`: refused, and never overwritten
  | "unknown-token" // the handle exists, this token does not open it
  | "retired" // a token that was renewed away, after its grace: a copy, or a very late request
  | "revoked" // a sealed session that was logged out or revoked
  | "ambiguous" // several cookies of the name, which open different sessions
  | "too-many"; // more cookies of the name than are tried

/** What became of the cookie of another library. */
export type Adoption =
  | "new" // a session of ours was made of its session
  | "same" // an earlier request with that cookie had made it
  | "over"; // the session that was made of it has ended, or its user's sessions were revoked: nobody is signed in

/** Which deadline ended a session. */
export type Expiry = "idle" | "absolute";

/** Why a commit stopped and left the stored session as it was. */
export type StopReason =
  | "gone" // ended while the request ran: a late write does not bring it back
  | "expired" // ran out while the request ran
  | "retired" // this request's token was renewed away
  | "limit" // a log-in that `limit: { refuse: true }` has refused; the request gets the error
  | "revoked" // its subject's sessions were revoked while the request ran
  | "subject-changed" // somebody else is signed in by now
  | "full" // nobody is signed in, and the table has room for users only: the session was not made
  | "no-answer" // it needs a new cookie, and the client has gone or the answer was destroyed
  | "ambiguous" // several cookies of the name open different sessions, and only a log-in or a log-out settles that
  | "too-many" // the same for more cookies of the name than are tried
  | "schema" // what another request has stored meanwhile does not fit the option `schema`
  | "unknown-format"; // another version of Sojourn has written it

/** How a call of a table has failed. */
export type StoreFailure =
  | "refused" // the database says that it has done nothing
  | "lost" // any other error: nobody knows what the database has done
  | "timed-out"; // no answer in time

/** A method of a table. */
export type TableMethod = "get" | "getMany" | "insert" | "replace" | "touch" | "delete";

/** Why a `Set-Cookie` was left out, or may be dropped by the browser. */
export type CookieTrouble =
  | "insecure-transport" // a Secure cookie on what the host believes is plain http
  | "overflow" // a re-seal that would exceed 4096 bytes was left out
  | "no-answer"; // the client has gone, or the answer was destroyed

/** What a first look found that came after the head. */
export type LateLook = "shared-head"; // a cache may keep the page, which is made for one user, and give it to others

/** Why a cookie's name is weak. */
export type WeakName = "no-host-prefix"; // without `__Host-` a neighbouring host can set a cookie of that name

/** What nearly every channel carries. The cookie's name tells sessions of one process apart. */
export interface SessionEvent<Reason extends string = string> {
  readonly cookieName: string;
  readonly handle: string | undefined;
  readonly reason: Reason;
}

/** The payload of a channel that tells that a session, or its public id, has ended. */
export interface EndEvent<Reason extends string = string> extends SessionEvent<Reason> {
  /** The `session.id` that has ended; `undefined` if none has, or the store does not know it. */
  readonly endedId: string | undefined;
}

/** What is published on the channels `sojourn:fetch`, `sojourn:commit` and so on. */
export interface SessionEvents {
  fetch: SessionEvent<Fetched>;
  commit: SessionEvent<Committal>;
  renew: EndEvent<Renewal>;
  retire: SessionEvent<Retirement>;
  drop: EndEvent<Drop>;
  revoke: EndEvent<Revocation>;
  expire: EndEvent<Expiry>;
  refuse: SessionEvent<Refusal>;
  stop: SessionEvent<StopReason>;
  adopt: SessionEvent<Adoption>;
  "drop-cookie": SessionEvent<CookieTrouble>;
  "late-look": SessionEvent<LateLook>;
  "weak-name": SessionEvent<WeakName>;
  /** A session that was only read could not be touched. The page left all the same. */
  "touch-error": {
    readonly cookieName: string;
    readonly handle: string;
    readonly error: unknown;
  };
  /** A commit failed, and the client had gone or the answer was destroyed, so that no error path could answer. */
  "commit-error": {
    readonly cookieName: string;
    readonly handle: string | undefined;
    readonly error: unknown;
  };
  /** A call of the table failed. The request may succeed all the same: after a lost answer the table is asked again. */
  "store-error": {
    readonly cookieName: string;
    readonly kind: "read" | "write";
    readonly method: TableMethod;
    readonly reason: StoreFailure;
    /** How long the call took, in milliseconds. */
    readonly duration: number;
    readonly error: unknown;
  };
  /** The removal of dead rows failed. No request waited for it. */
  "sweep-error": { readonly cookieName: string; readonly error: unknown };
}

const channels = {
  fetch: channel("sojourn:fetch"),
  commit: channel("sojourn:commit"),
  renew: channel("sojourn:renew"),
  retire: channel("sojourn:retire"),
  drop: channel("sojourn:drop"),
  revoke: channel("sojourn:revoke"),
  expire: channel("sojourn:expire"),
  refuse: channel("sojourn:refuse"),
  stop: channel("sojourn:stop"),
  adopt: channel("sojourn:adopt"),
  "drop-cookie": channel("sojourn:drop-cookie"),
  "late-look": channel("sojourn:late-look"),
  "weak-name": channel("sojourn:weak-name"),
  "touch-error": channel("sojourn:touch-error"),
  "commit-error": channel("sojourn:commit-error"),
  "store-error": channel("sojourn:store-error"),
  "sweep-error": channel("sojourn:sweep-error"),
} as const satisfies Record<keyof SessionEvents, unknown>;

/**
 * Publishes on `diagnostics_channel`. Payloads hold no cookie, token or data; the handle may appear. If a channel has
 * no subscriber, no payload is made.
 */
export function publish<Name extends Exclude<keyof SessionEvents, EndName | `${string}-error`>>(
  name: Name,
  cookieName: string,
  handle: string | undefined,
  reason: SessionEvents[Name]["reason"],
): void {
  const to = channels[name];
  if (to.hasSubscribers) to.publish({ cookieName, handle, reason });
}

/** Publishes that a session, or its public id, has ended. */
export function publishEnd<Name extends EndName>(
  name: Name,
  cookieName: string,
  ended: { readonly handle: string | undefined; readonly endedId: string | undefined },
  reason: SessionEvents[Name]["reason"],
): void {
  const to = channels[name];
  const { handle, endedId } = ended;
  if (to.hasSubscribers) to.publish({ cookieName, handle, reason, endedId });
}

type EndName = "renew" | "drop" | "revoke" | "expire";

/** Publishes an error of a session that the request does not get. */
export function publishError(
  name: "touch-error" | "commit-error",
  cookieName: string,
  handle: string | undefined,
  error: unknown,
): void {
  const to = channels[name];
  if (to.hasSubscribers) to.publish({ cookieName, handle, error });
}

/** Publishes an error of the removal of dead rows. */
export function publishSweepError(cookieName: string, error: unknown): void {
  const to = channels["sweep-error"];
  if (to.hasSubscribers) to.publish({ cookieName, error });
}

/** Gives the time if somebody wants to know how long a failing call took. */
export function storeErrorsBegin(): number {
  return channels["store-error"].hasSubscribers ? performance.now() : 0;
}

/** Publishes that a call of a table failed. @param began what {@link storeErrorsBegin} gave when it began */
export function publishStoreError(
  cookieName: string,
  method: TableMethod,
  reason: StoreFailure,
  began: number,
  error: unknown,
): void {
  const to = channels["store-error"];
  if (!to.hasSubscribers) return;
  const kind = method === "get" || method === "getMany" ? "read" : "write";
  const duration = performance.now() - began;
  to.publish({ cookieName, kind, method, reason, duration, error });
}
