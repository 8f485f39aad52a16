/** Rows as items of DynamoDB: numbers travel as text. */
import type { SessionRow } from "../../core/store.ts";
import { anotherQuestion } from "../_another-question.ts";

/** The attributes that the table sends. */
export type DynamodbItem = Record<string, { S: string } | { N: string }>;

/** The attributes that the table reads. */
export type FoundItem = Readonly<
  Record<string, { readonly S?: string | undefined; readonly N?: string | undefined }>
>;

/** The longest value, in bytes. An item has 409,600 at most, and its other attributes and all names take 200. */
export const LONGEST = 409_000;

/**
 * How long after its deadline DynamoDB may remove a row, in milliseconds. The core judges the deadline itself, by a clock
 * that need not agree with DynamoDB's.
 */
const LATE = 300_000;
/** How long a deleted key refuses an insert, in milliseconds. */
const MARK = 15 * 60_000;

export function numberOf(value: number): { N: string } {
  return { N: String(value) };
}

export function keyOf(key: string): DynamodbItem {
  return { handle: { S: key } };
}

export function itemOf(key: string, { value, version, expiresAt }: SessionRow): DynamodbItem {
  return {
    ...keyOf(key),
    value: { S: value },
    version: numberOf(version),
    expires_at: numberOf(expiresAt),
    removed_at: removalOf(expiresAt),
  };
}

/** Gives when DynamoDB may remove what ends at `time`. It counts in seconds. */
export function removalOf(time: number): { N: string } {
  return numberOf(Math.ceil((time + LATE) / 1000));
}

/** Gives when DynamoDB may remove the mark of a row that is deleted now. */
export function markRemovalOf(now: number): { N: string } {
  return removalOf(now + MARK);
}

/** How long a mark outlives the row's own removal where the time of the deletion is not known. */
export const LONGER: { N: string } = numberOf(MARK / 1000);

/** Gives the row of an item; `undefined` for a mark. @throws if it is the item of another key */
export function toRow(key: string, item: FoundItem): SessionRow | undefined {
  const { handle, value, version, expires_at: expiresAt } = item;
  if (handle?.S !== key) throw anotherQuestion();
  if (version === undefined) return undefined;
  if (value?.S === undefined || version.N === undefined || expiresAt?.N === undefined) {
    throw new Error("the item is not one that dynamodbTable has written");
  }
  return { value: value.S, version: Number(version.N), expiresAt: Number(expiresAt.N) };
}
