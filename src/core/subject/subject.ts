import { SessionError, configError, describe } from "../errors.ts";
import type { Bag } from "../store.ts";
import { own } from "../data/values.ts";

/** The most sessions of one subject: what `limit` may be, and what it is where it is not given. */
export const MOST_SESSIONS = 1000;

/** Whose session it is, as comparable text; `undefined` for nobody. */
export type SubjectOf = (data: Bag) => string | undefined;

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
    return value === undefined ? undefined : subjectText(value, `"${key}"`);
  };
}

/** The text of a subject: `1` and `"1"` are two. @throws ERR_SESSION_USE for what cannot be one */
export function subjectText(value: unknown, name: string): string {
  switch (typeof value) {
    case "string":
    case "number":
    case "bigint":
      return `${typeof value}:${value}`;
    default:
      throw new SessionError(
        "ERR_SESSION_USE",
        `${name} is the subject and must be a string or a number, such as the user's id`,
      );
  }
}

/** @throws ERR_SESSION_CONFIG for what is no number of sessions, or counts those of nobody */
export function readLimit(limit: unknown, subject: unknown): number | undefined {
  if (limit === undefined) return undefined;
  if (subject === undefined) {
    throw configError("limit counts the sessions of a subject: give the option subject as well");
  }
  if (!Number.isInteger(limit) || Number(limit) < 1 || Number(limit) > MOST_SESSIONS) {
    throw configError(
      `limit must be a number of sessions from 1 to ${MOST_SESSIONS}, got ${describe(limit)}`,
    );
  }
  return Number(limit);
}
