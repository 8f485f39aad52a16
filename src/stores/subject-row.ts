import { SessionError } from "../core/errors.ts";
import type { StoreContext } from "../core/store.ts";
import type { SideFormat } from "./side-rows.ts";

/** The first characters of a subject's row: the format of the rest. */
const FORMAT = "s1";

/** A session in the row of its subject. Times are milliseconds since the epoch. */
export interface Entry {
  readonly handle: string;
  /** When the subject was put. */
  readonly since: number;
  /** The absolute deadline: later there is nothing left to know. */
  readonly until: number;
  /** When this was written; the session's own row follows. */
  readonly entered: number;
  /** Whether it was revoked; the entry stays until the session is gone. */
  readonly revoked: boolean;
}

/** What a table knows of one subject. */
export interface SubjectRow {
  /** A session whose subject was put up to this moment is revoked; 0 when none ever was. */
  readonly notBefore: number;
  /** The one session that the last revocation left alone. */
  readonly except: string | undefined;
  readonly entries: readonly Entry[];
}

/** Whether a revocation meant this session: as it stood in the list, or as a log-in that had begun. */
export function isRevoked(row: SubjectRow, handle: string, since: number): boolean {
  const entry = row.entries.find((each) => each.handle === handle);
  return entry ? entry.revoked : since <= row.notBefore && handle !== row.except;
}

/** The row after a revocation of all but one. */
export function revokeAll(row: SubjectRow, now: number, except: string | undefined): SubjectRow {
  const entries = row.entries.map((entry) =>
    entry.handle === except ? entry : { ...entry, revoked: true },
  );
  // Later than the one before, whatever the clock of this process: sessions that were spared count from there.
  return { notBefore: Math.max(now, row.notBefore + 1), except, entries };
}

/** The newest first: one order for all processes, also for log-ins of the same millisecond. */
export function newestFirst(entries: readonly Entry[]): readonly Entry[] {
  return entries.toSorted((a, b) => b.since - a.since || (a.handle < b.handle ? 1 : -1));
}

/** How subjects are kept. A revocation matters as long as a session that it meant could live. */
export function subjectFormat(
  purpose: "subject" | "revoked",
  { now, absolute }: StoreContext,
): SideFormat<SubjectRow> {
  const absent: SubjectRow = { notBefore: 0, except: undefined, entries: [] };
  return {
    purpose,
    absent,
    tidy(row) {
      const time = now();
      const entries = row.entries.filter(({ until }) => until > time);
      return row.notBefore + absolute > time ? { ...row, entries } : { ...absent, entries };
    },
    end({ notBefore, entries }) {
      return Math.max(Math.ceil(notBefore) + absolute, ...entries.map(({ until }) => until));
    },
    write({ notBefore, except, entries }) {
      if (notBefore === 0 && entries.length === 0) return undefined;
      return FORMAT + JSON.stringify([notBefore, except ?? null, entries.map(toTuple)]);
    },
    read: readSubject,
  };
}

type Tuple = readonly [
  handle: string,
  since: number,
  until: number,
  entered: number,
  revoked?: number,
];

function toTuple({ handle, since, until, entered, revoked }: Entry): Tuple {
  return revoked ? [handle, since, until, entered, 1] : [handle, since, until, entered];
}

function readSubject(text: string): SubjectRow {
  if (!text.startsWith(FORMAT)) {
    throw new SessionError(
      "ERR_SESSION_STORE",
      "the list of a subject's sessions was written by another version of Sojourn; nothing was changed",
    );
  }
  const [notBefore, except, list] = JSON.parse(text.slice(FORMAT.length)) as [
    number,
    string | null,
    readonly Tuple[],
  ];
  const entries = list.map(([handle, since, until, entered, revoked]): Entry => {
    return { handle, since, until, entered, revoked: revoked === 1 };
  });
  return { notBefore, except: except ?? undefined, entries };
}
