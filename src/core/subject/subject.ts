import { configError, describe, usageError } from "../errors.ts";
import { readNumber } from "../options/numbers.ts";
import type { SessionData } from "../store.ts";
import { own } from "../data/values.ts";

/** The most sessions of one subject: what `limit` may be, and what it is where it is not given. */
export const MOST_SESSIONS = 1000;

/** Whose session it is, as comparable text; `undefined` for nobody. */
export type SubjectOf = (data: SessionData) => string | undefined;

/** @throws ERR_SESSION_CONFIG for what is no data key */
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
 * The text of a subject: `1` and `"1"` are two.
 * @param where what takes the subject, as the sentence of an error begins
 * @throws ERR_SESSION_USE for what cannot be one
 */
export function subjectText(value: unknown, where: string): string {
  switch (typeof value) {
    case "string":
    case "number":
    case "bigint":
      return `${typeof value}:${value}`;
    default:
      throw usageError(
        `${where} takes the subject, a string, number or bigint such as the user's id; got ${describe(value)}`,
      );
  }
}

/** @throws ERR_SESSION_CONFIG for what is no number of sessions, or counts those of nobody */
export function readLimit(limit: unknown, subject: unknown): number | undefined {
  if (limit === undefined) return undefined;
  if (subject === undefined) {
    throw configError("limit counts the sessions of a subject: give the option subject as well");
  }
  return readNumber("limit", limit, {
    fallback: MOST_SESSIONS,
    least: 1,
    most: MOST_SESSIONS,
    whole: true,
    unit: "sessions",
  });
}
