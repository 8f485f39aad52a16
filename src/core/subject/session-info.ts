import type { Conn } from "../conn.ts";
import type { Stored } from "../data/frozen.ts";

/** The user or other owner of a session: the value of the data key that the option `subject` names. */
export type Subject = string | number | bigint;

/** One of a subject's sessions. */
export interface SessionInfo<Label> {
  /** What `sessions.revokeOne` takes. It opens nothing and may be shown. */
  readonly handle: string;
  readonly createdAt: Date;
  /** When the subject last signed in: as `session.signedInAt`. */
  readonly signedInAt: Date;
  /** Exact to the interval of touches: a tenth of the idle lifetime, 5 minutes at most. */
  readonly lastSeenAt: Date;
  /** The value of the data key that `label` named, such as what the application noted of the device. */
  readonly label: Label | undefined;
  /** Whether it is the session of the request that `current` gave. */
  readonly current: boolean;
}

/** Options of `sessions.list`. */
export interface ListOptions<Key> {
  /** The data key whose value stands beside each session. */
  readonly label?: Key | undefined;
  /** The request that asks: its session is marked. */
  readonly current?: Conn | undefined;
  /** How many sessions to give at most, the newest first: 1 to 1000. Default 100. */
  readonly limit?: number | undefined;
}

/** Options of `sessions.revoke`. */
export interface RevokeOptions {
  /** The one session to leave alone: that of a request, or a handle. */
  readonly except?: Conn | string | undefined;
}

/** The helpers for sessions of other requests. */
export interface SubjectMethods<Data extends object> {
  /**
   * Gives the living sessions of a subject, the newest log-in first. It needs the option `subject` and a table.
   * @throws ERR_SESSION_STORE if the store fails
   * @example
   * ```ts
   * for (const { handle, lastSeenAt } of await sessions.list("u1", { current: req })) {
   *   console.log(handle, lastSeenAt);
   * }
   * ```
   */
  readonly list: <Key extends keyof Data & string = never>(
    subject: Subject,
    options?: ListOptions<Key>,
  ) => Promise<readonly SessionInfo<Stored<Data, Key>>[]>;
  /**
   * Ends all sessions of a subject, also a log-in that began before this call and is committed after it. Needs the
   * option `subject`, and a table or revocable cookies. If `except` is this request, renew it as well: if its client has
   * gone, so that nobody can be given the new token, this session then ends too.
   * @throws ERR_SESSION_STORE when the store fails: then call it again, as some may live
   * @example
   * ```ts
   * // After a new password: all sessions but this one.
   * await sessions.revoke("u1", { except: req });
   * ```
   */
  readonly revoke: (subject: Subject, options?: RevokeOptions) => Promise<void>;
  /**
   * Ends one session of a subject. It does nothing if the session belongs to another subject.
   * @example
   * ```ts
   * await sessions.revokeOne("u1", handle);
   * ```
   */
  readonly revokeOne: (subject: Subject, handle: string) => Promise<void>;
  /**
   * Ends every session of this cookie name that was created before the date, unless its user has signed in since: after
   * a restored backup, or if cookies have leaked. It needs a table or revocable cookies. This process knows at once, and
   * every other within 60 seconds. An earlier date changes nothing after a later one.
   * @throws ERR_SESSION_STORE when the store fails: then call it again
   * @throws ERR_SESSION_USE for no Date, or one in the future
   * @example
   * ```ts
   * await sessions.revokeBefore(new Date());
   * ```
   */
  readonly revokeBefore: (date: Date) => Promise<void>;
}
