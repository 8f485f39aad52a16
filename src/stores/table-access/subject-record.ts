import { SessionError } from "../../core/errors.ts";
import type { StoreContext } from "../../core/store.ts";
import type { RecordFormat } from "./side-records.ts";

/** The first characters of a subject's row: the format of the rest. */
const FORMAT = "s1";

/** A session in the row of its subject. Times are milliseconds since the epoch. */
export interface Entry {
  readonly handle: string;
  /** When the subject was put. */
  readonly since: number;
  /** The absolute deadline: later there is nothing left to know. */
  readonly endsAt: number;
  /** When this was written; the session's own row follows. */
  readonly addedAt: number;
  /** Whether it was revoked; the entry stays until the session is gone. */
  readonly revoked: boolean;
}

/** What a table knows of one subject. */
export interface SubjectRecord {
  /** A session whose subject was put before this moment is revoked; 0 when none ever was. */
  readonly notBefore: number;
  /** The one session that the last revocation left alone, with the `notBefore` that holds for it. */
  readonly except: Except | undefined;
  readonly entries: readonly Entry[];
}

interface Except {
  readonly handle: string;
  readonly notBefore: number;
}

/** Whether a revocation meant this session: as it stood in the list, or as a log-in that had begun. */
export function isRevoked(row: SubjectRecord, handle: string, since: number): boolean {
  const entry = row.entries.find((each) => each.handle === handle);
  return entry ? entry.revoked : since < notBeforeFor(row, handle);
}

/** The row after a revocation of all but one. What an earlier one has revoked stays so, also when it is that one. */
export function revokeAll(
  row: SubjectRecord,
  moment: number,
  except: string | undefined,
): SubjectRecord {
  return {
    // Later than the one before, whatever the clock of this process says.
    notBefore: Math.max(moment, row.notBefore + 1),
    except:
      except === undefined ? undefined : { handle: except, notBefore: notBeforeFor(row, except) },
    entries: row.entries.map((entry) =>
      entry.handle === except ? entry : { ...entry, revoked: true },
    ),
  };
}

/** The row after a revocation of one of those in the list. */
export function revokeEntry(row: SubjectRecord, handle: string): SubjectRecord {
  const entries = row.entries.map((entry) =>
    entry.handle === handle ? { ...entry, revoked: true } : entry,
  );
  return { ...row, entries };
}

function notBeforeFor({ notBefore, except }: SubjectRecord, handle: string): number {
  return except?.handle === handle ? except.notBefore : notBefore;
}

/** The newest first: one order for all processes, also for log-ins of the same millisecond. */
export function newestFirst(entries: readonly Entry[]): readonly Entry[] {
  return entries.toSorted((a, b) => b.since - a.since || (a.handle < b.handle ? 1 : -1));
}

/** How subjects are kept. A revocation matters as long as a session that it meant could live. */
export function subjectFormat(
  purpose: "subject" | "revoked",
  { now, absolute }: StoreContext,
): RecordFormat<SubjectRecord> {
  const empty: SubjectRecord = { notBefore: 0, except: undefined, entries: [] };
  return {
    purpose,
    empty,
    prune(row) {
      const time = now();
      const entries = row.entries.filter(({ endsAt }) => endsAt > time);
      return row.notBefore + absolute > time ? { ...row, entries } : { ...empty, entries };
    },
    expiresAt({ notBefore, entries }) {
      return Math.ceil(Math.max(notBefore + absolute, ...entries.map(({ endsAt }) => endsAt)));
    },
    write({ notBefore, except, entries }) {
      if (notBefore === 0 && entries.length === 0) return undefined;
      const spared = except ? [except.handle, except.notBefore] : null;
      return FORMAT + JSON.stringify([notBefore, spared, entries.map(toTuple)]);
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

function toTuple({ handle, since, endsAt, addedAt, revoked }: Entry): Tuple {
  return revoked ? [handle, since, endsAt, addedAt, 1] : [handle, since, endsAt, addedAt];
}

function readSubject(text: string): SubjectRecord {
  if (!text.startsWith(FORMAT)) {
    throw new SessionError(
      "ERR_SESSION_STORE",
      "the list of a subject's sessions was written by another version of Sojourn; nothing was changed",
    );
  }
  const [notBefore, spared, list] = JSON.parse(text.slice(FORMAT.length)) as [
    notBefore: number,
    spared: readonly [handle: string, notBefore: number] | null,
    entries: readonly Tuple[],
  ];
  const entries = list.map(([handle, since, endsAt, addedAt, revoked]): Entry => {
    return { handle, since, endsAt, addedAt, revoked: revoked === 1 };
  });
  const except = spared ? { handle: spared[0], notBefore: spared[1] } : undefined;
  return { notBefore, except, entries };
}
