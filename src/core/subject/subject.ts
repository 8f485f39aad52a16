import { configError, describe, refuseUnknownOptions, usageError } from "../errors.ts";
import { readNumber } from "../numbers.ts";
import type { SessionData } from "../store.ts";
import { own } from "../data/values.ts";

/** The most sessions of one subject: the greatest value of `limit`, and its default in a table. */
export const MOST_SESSIONS = 1000;
/** How many sessions `list` gives, if nobody asks for more. */
const LISTED = 100;

/** The most sessions of one subject, and whether a log-in beyond them is refused or ends the oldest one. */
export interface Limit {
  readonly max: number;
  readonly refuse: boolean;
}

/** Gives the subject of data as text that can be compared; `undefined` if nobody is signed in. */
export type SubjectOf = (data: SessionData) => string | undefined;

/** Makes the reader of the option `subject`. @throws ERR_SESSION_CONFIG if the option is no data key */
export function subjectReader(key: unknown): SubjectOf {
  if (key === undefined) return () => undefined;
  if (typeof key !== "string") {
    throw configError(
      `subject must be the data key that says whose session it is, got ${describe(key)}`,
    );
  }
  return (data) => {
    const value = own(data, key);
    return value === undefined ? undefined : subjectText(value, `session key "${key}"`);
  };
}

/**
 * Writes a subject as text. `1` and `"1"` are two subjects.
 * @param where names the caller, as the beginning of an error's sentence
 * @throws ERR_SESSION_USE if the value cannot be a subject
 */
export function subjectText(value: unknown, where: string): string {
  switch (typeof value) {
    case "string":
      // A database and a hash take both halves of a broken pair for U+FFFD, so that two users would be one.
      if (/\p{Surrogate}/u.test(value)) {
        throw usageError(
          `${where} takes the subject as well-formed text; this has half a character`,
        );
      }
      return `string:${value}`;
    case "number":
    case "bigint":
      return `${typeof value}:${value}`;
    default:
      throw usageError(
        `${where} takes the subject, a string, number or bigint such as the user's id; got ${describe(value)}`,
      );
  }
}

/** Reads how many sessions `list` is to give. @throws ERR_SESSION_USE if it is no such number */
export function readListLimit(limit: unknown = LISTED): number {
  const fits = Number.isInteger(limit) && Number(limit) >= 1 && Number(limit) <= MOST_SESSIONS;
  if (fits) return Number(limit);
  throw usageError(
    `list takes a limit from 1 to ${MOST_SESSIONS}, a whole number, got ${describe(limit)}`,
  );
}

/** @throws ERR_SESSION_CONFIG if the limit is no number of sessions, or is given without `subject` */
export function readLimit(limit: unknown, subject: unknown): Limit | undefined {
  if (limit === undefined) return undefined;
  if (subject === undefined) {
    throw configError("limit counts the sessions of a subject: give the option subject as well");
  }
  if (typeof limit !== "object" || limit === null) {
    return { max: readMost("limit", limit), refuse: false };
  }
  const { max, refuse = false, ...others }: { max?: unknown; refuse?: unknown } = limit;
  refuseUnknownOptions("limit", others, ["max", "refuse"]);
  if (max === undefined) throw configError("limit needs max: how many sessions a user may have");
  if (typeof refuse !== "boolean") {
    throw configError(`limit.refuse must be true or false, got ${describe(refuse)}`);
  }
  return { max: readMost("limit.max", max), refuse };
}

function readMost(name: string, given: unknown): number {
  return readNumber(name, given, {
    fallback: MOST_SESSIONS,
    least: 1,
    most: MOST_SESSIONS,
    whole: true,
    unit: "sessions",
  });
}
