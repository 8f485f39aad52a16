import { SessionError } from "../../core/errors.ts";
import type { StoreContext } from "../../core/store.ts";
import type { TokenStatus } from "../../core/token-status.ts";
import type { RecordFormat } from "../table-access/side-records.ts";

/** The first characters of the row, which name the format of the rest. */
const FORMAT = "e1";
/** No seal ever has this generation. A record with it says that the session has ended. */
const NEVER = Number.MAX_SAFE_INTEGER;

/** The record of a sealed session that was renewed or has ended. Times are milliseconds since the epoch. */
export interface RevocationRecord {
  /** Seals of earlier generations are retired. */
  readonly generation: number;
  /** The time until which seals of the generation before are known. */
  readonly graceEnd: number;
  /** Whether those seals had the same subject. If so, they may read and log out, which harms no other user. */
  readonly sameSubject: boolean;
  /** The last moment at which a seal of the session could open, whatever lifetime it has; 0 if nothing has happened. */
  readonly until: number;
}

/** Gives the rights that a seal of this generation still has. */
export function sealStatus(
  end: RevocationRecord,
  generation: number,
  now: number,
): Extract<TokenStatus, "current" | "read-only" | "left-behind" | "superseded" | "ended"> {
  if (generation >= end.generation) return "current";
  if (end.generation === NEVER) return "ended";
  if (generation < end.generation - 1 || now >= end.graceEnd) return "superseded";
  return end.sameSubject ? "read-only" : "left-behind";
}

/** Makes the record of a session that was logged out. */
export function endedRecord(until: number): RevocationRecord {
  return { generation: NEVER, graceEnd: 0, sameSubject: false, until };
}

export function isSameRecord(a: RevocationRecord, b: RevocationRecord): boolean {
  return (
    a.generation === b.generation &&
    a.graceEnd === b.graceEnd &&
    a.sameSubject === b.sameSubject &&
    a.until === b.until
  );
}

export function revocationFormat({ now }: StoreContext): RecordFormat<RevocationRecord> {
  const empty: RevocationRecord = { generation: 0, graceEnd: 0, sameSubject: false, until: 0 };
  return {
    purpose: "ended",
    empty,
    prune: (row) => (row.until > now() ? row : empty),
    expiresAt: ({ until }) => Math.ceil(until),
    isEmpty: ({ until }) => until === 0,
    write: ({ generation, graceEnd, sameSubject, until }) =>
      FORMAT + JSON.stringify([generation, graceEnd, sameSubject, until]),
    read(text) {
      if (!text.startsWith(FORMAT)) {
        throw new SessionError(
          "ERR_SESSION_STORE",
          "the end of a session was written by another version of Sojourn",
        );
      }
      const [generation, graceEnd, sameSubject, until] = JSON.parse(text.slice(FORMAT.length)) as [
        number,
        number,
        boolean,
        number,
      ];
      return { generation, graceEnd, sameSubject, until };
    },
  };
}
