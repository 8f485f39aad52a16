/** The facts that decide about a commit. Times are milliseconds. */
export interface CommitState {
  readonly drop: boolean;
  readonly ignore: boolean;
  readonly renew: boolean;
  /** Whether the data or the messages differ from the stored ones. */
  readonly changed: boolean;
  /** Whether there is neither data nor a message, for which no session is created. */
  readonly empty: boolean;
  /** Whether cookie attributes were configured that differ from those last sent. */
  readonly reconfigured: boolean;
  /** Whether the subject was set, changed or removed. */
  readonly subjectChanged: boolean;
  /** Whether the subject was removed, so that no user is signed in any more. */
  readonly subjectRemoved: boolean;
  /** Whether the request has revoked the other sessions of its subject, so that a renewal shuts out copies of this one. */
  readonly hasRevoked: boolean;
  /** Whether no cookie can reach the client: it has gone, or the answer was destroyed. */
  readonly noAnswer: boolean;
  /** Whether the request brought a cookie of the name, accepted or not. */
  readonly hadCookie: boolean;
  /** Why several cookies of the name were refused together, if they were. */
  readonly refused: "ambiguous" | "too-many" | undefined;
  /** Whether that cookie was sealed, or its row written, by another version of Sojourn. */
  readonly otherVersion: boolean;
  /** The session as loaded, if there is one. */
  readonly stored:
    | undefined
    | {
        /** Whether the cookie's token has every right. */
        readonly mayWrite: boolean;
        readonly refresh: boolean;
        /** Whether the options' cookie attributes have changed since the cookie was sent. */
        readonly hasFormerOptions: boolean;
        readonly expiresAt: number;
      };
  /** The deadline that a commit would give the session. */
  readonly deadline: number;
  readonly touchInterval: number;
}

export type CommitPlan =
  | { readonly type: "none" }
  | { readonly type: "create" }
  | { readonly type: "write" }
  | { readonly type: "renew"; readonly reason: "asked" | "subject" }
  | { readonly type: "touch" }
  /** Makes nothing of a commit that needs a new cookie: no answer can carry one, or it would not settle the others. */
  | { readonly type: "stop"; readonly reason: "no-answer" | "ambiguous" | "too-many" }
  /** `next` is the plan for data that was put after the drop, and so belongs to a new session. */
  | {
      readonly type: "drop";
      readonly reason: "asked" | "subject" | "log-in" | "no-answer";
      readonly next: "none" | "create" | "stop";
    };

const NONE = { type: "none" } as const;
const CREATE = { type: "create" } as const;
const WRITE = { type: "write" } as const;
const RENEW = { type: "renew", reason: "asked" } as const;
const RENEW_SUBJECT = { type: "renew", reason: "subject" } as const;
const TOUCH = { type: "touch" } as const;
const STOP = { type: "stop", reason: "no-answer" } as const;
const LOG_OUT = { type: "drop", reason: "subject", next: "none" } as const;
const SETTLE = { type: "drop", reason: "log-in", next: "none" } as const;
const SHUT_OUT = { type: "drop", reason: "no-answer", next: "none" } as const;

/** Decides what a commit has to do. The function is pure: drop beats ignore beats renew beats put. */
export function planCommit(state: CommitState): CommitPlan {
  const { stored, noAnswer } = state;
  const isFilled = state.changed && !state.empty;
  const create = isFilled ? (noAnswer ? STOP : CREATE) : NONE;
  if (state.drop) {
    if (stored || state.hadCookie) return { type: "drop", reason: "asked", next: create.type };
    return create;
  }
  if (state.ignore) return NONE;
  if (state.refused) {
    // Another cookie would leave the browser with one more. Only a log-in ends what is behind the others.
    const isLogIn = state.renew || state.subjectChanged;
    if (isLogIn && create === NONE) return noAnswer ? STOP : SETTLE;
    if (isLogIn) return create;
    return create === CREATE ? { type: "stop", reason: state.refused } : create;
  }
  if (!stored) {
    // Another process of the newer version can read this session, so that only a log-in may replace it.
    const replaces = !state.otherVersion || state.renew || state.subjectChanged;
    return replaces ? create : NONE;
  }
  if (state.renew || state.subjectChanged) {
    // No browser would get the new token, and the data that it guards must not be stored under the old one. So a
    // removed subject ends the session. So does a renewal that shall shut out copies of the cookie: the old token must
    // not stay good.
    if (noAnswer && state.subjectRemoved) return LOG_OUT;
    if (noAnswer) return state.hasRevoked ? SHUT_OUT : STOP;
    return state.renew ? RENEW : RENEW_SUBJECT;
  }
  if (state.changed) return WRITE;
  if (state.reconfigured) return noAnswer ? STOP : WRITE;
  if (!stored.mayWrite) return NONE;
  if (stored.refresh || stored.hasFormerOptions) return TOUCH;
  return state.deadline - stored.expiresAt >= state.touchInterval ? TOUCH : NONE;
}
