import { SessionError } from "../../core/errors.ts";
import type { StoreContext } from "../../core/store.ts";
import type { RecordFormat } from "./side-records.ts";

/** The first characters of a subject's row, which name the format of the rest. */
const FORMAT = "s1";

/** A session in the row of its subject. Times are milliseconds since the epoch. */
export interface Entry {
  readonly handle: string;
  /** When the subject was put. */
  readonly since: number;
  /** The last moment that the session may live to, whatever lifetime it gets; then the entry is of no use. */
  readonly endsAt: number;
  /** When the entry was written. The session's own row is written after it. */
  readonly addedAt: number;
  /** Whether the session was revoked. The entry stays until the session's row is gone. */
  readonly revoked: boolean;
}

/** The record that a table keeps of one subject. */
export interface SubjectRecord {
  /** The time of the last revocation, or 0. A session whose subject was put before it is revoked. */
  readonly notBefore: number;
  /** The one session that the last revocation left alone, with the `notBefore` that holds for it. */
  readonly except: Except | undefined;
  readonly entries: readonly Entry[];
}

interface Except {
  readonly handle: string;
  readonly notBefore: number;
}

/** Whether a revocation covers this session: it stood in the list, or its log-in had begun. */
export function isRevoked(row: SubjectRecord, handle: string, since: number): boolean {
  const entry = row.entries.find((each) => each.handle === handle);
  return entry ? entry.revoked : since < notBeforeFor(row, handle);
}

/** Gives the record after a revocation of all but one. A session that was revoked earlier stays revoked. */
export function revokeAll(
  row: SubjectRecord,
  moment: number,
  except: string | undefined,
): SubjectRecord {
  return {
    // The time is later than that of the revocation before, even if the clock of this process is behind.
    notBefore: Math.max(moment, row.notBefore + 1),
    except:
      except === undefined ? undefined : { handle: except, notBefore: notBeforeFor(row, except) },
    entries: row.entries.map((entry) =>
      entry.handle === except ? entry : { ...entry, revoked: true },
    ),
  };
}

/** Gives the record after a revocation of one session of the list. */
export function revokeEntry(row: SubjectRecord, handle: string): SubjectRecord {
  const entries = row.entries.map((entry) =>
    entry.handle === handle ? { ...entry, revoked: true } : entry,
  );
  return { ...row, entries };
}

function notBeforeFor({ notBefore, except }: SubjectRecord, handle: string): number {
  return except?.handle === handle ? except.notBefore : notBefore;
}

/**
 * Sorts the newest first, in the same order in all processes. Several log-ins may have one time: those of a process that
 * has met a revocation in its future.
 */
export function newestFirst(entries: readonly Entry[]): readonly Entry[] {
  return [...entries].sort(
    (a, b) => b.since - a.since || b.addedAt - a.addedAt || (a.handle < b.handle ? 1 : -1),
  );
}

/** The format of subjects' records. A revocation matters as long as a session that it covers could live. */
export function subjectFormat(
  purpose: "subject" | "revoked",
  { now, lifespans: { longest }, adopt }: StoreContext,
): RecordFormat<SubjectRecord> {
  // Old cookies that nobody has adopted yet are from before every revocation, too.
  const endOf = (notBefore: number): number => Math.max(notBefore + longest, adopt?.until ?? 0);
  const empty: SubjectRecord = { notBefore: 0, except: undefined, entries: [] };
  return {
    purpose,
    empty,
    prune(row) {
      const time = now();
      const entries = row.entries.filter(({ endsAt }) => endsAt > time);
      return row.notBefore > 0 && endOf(row.notBefore) > time
        ? { ...row, entries }
        : { ...empty, entries };
    },
    expiresAt({ notBefore, entries }) {
      const end = notBefore > 0 ? endOf(notBefore) : 0;
      return Math.ceil(Math.max(end, ...entries.map(({ endsAt }) => endsAt)));
    },
    isEmpty: ({ notBefore, entries }) => notBefore === 0 && entries.length === 0,
    write({ notBefore, except, entries }) {
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
