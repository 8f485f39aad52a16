import type { Conn } from "../conn.ts";

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
