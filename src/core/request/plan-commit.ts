/** All that decides about a commit. Times are milliseconds. */
export interface CommitState {
  readonly drop: boolean;
  readonly ignore: boolean;
  readonly renew: boolean;
  /** Whether the data or the messages differ from what is stored. */
  readonly changed: boolean;
  /** Whether there is anything to keep: a session is never created for nothing. */
  readonly empty: boolean;
  /** Whether cookie attributes were configured that differ from those last sent. */
  readonly reconfigured: boolean;
  /** Whether the subject was set, changed or removed. */
  readonly subjectChanged: boolean;
  /** Whether it was removed, so that nobody is signed in any more. */
  readonly subjectRemoved: boolean;
  /** Whether no cookie can reach the client: it has gone, or the answer was destroyed. */
  readonly noAnswer: boolean;
  /** Whether the request brought a cookie of the name, accepted or not. */
  readonly hadCookie: boolean;
  /** Whether that cookie was sealed, or its row written, by another version of Sojourn. */
  readonly otherVersion: boolean;
  /** The session as loaded, if there is one. */
  readonly stored:
    | undefined
    | {
        /** Whether the cookie's token has every right. */
        readonly mayWrite: boolean;
        readonly refresh: boolean;
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
  /** What would need a new cookie is not made, because no answer can carry one. */
  | { readonly type: "stop" }
  /** `next`: what becomes of that which was put after the drop, and belongs to a new session. */
  | {
      readonly type: "drop";
      readonly reason: "asked" | "subject";
      readonly next: "none" | "create" | "stop";
    };

const NONE = { type: "none" } as const;
const CREATE = { type: "create" } as const;
const WRITE = { type: "write" } as const;
const RENEW = { type: "renew", reason: "asked" } as const;
const RENEW_SUBJECT = { type: "renew", reason: "subject" } as const;
const TOUCH = { type: "touch" } as const;
const STOP = { type: "stop" } as const;
const LOG_OUT = { type: "drop", reason: "subject", next: "none" } as const;

/** What a commit has to do. Pure: drop beats ignore beats renew beats put. */
export function planCommit(state: CommitState): CommitPlan {
  const { stored, noAnswer } = state;
  const isFilled = state.changed && !state.empty;
  const create = isFilled ? (noAnswer ? STOP : CREATE) : NONE;
  if (state.drop) {
    if (stored || state.hadCookie) return { type: "drop", reason: "asked", next: create.type };
    return create;
  }
  if (state.ignore) return NONE;
  if (!stored) {
    // A node of the new version can read what this one cannot: only a log-in takes its place.
    const replaces = !state.otherVersion || state.renew || state.subjectChanged;
    return replaces ? create : NONE;
  }
  if (state.renew || state.subjectChanged) {
    // Nobody would receive the new token, and what it guards must not be stored under the old one. So a log-out
    // without a new token ends the session.
    if (noAnswer) return state.subjectRemoved ? LOG_OUT : STOP;
    return state.renew ? RENEW : RENEW_SUBJECT;
  }
  if (state.changed) return WRITE;
  if (state.reconfigured) return noAnswer ? STOP : WRITE;
  if (!stored.mayWrite) return NONE;
  if (stored.refresh || state.deadline - stored.expiresAt >= state.touchInterval) return TOUCH;
  return NONE;
}
