/** What the cases of a contract are made of: rows, and asserts that throw plain errors. */
import { randomBytes } from "node:crypto";
import type { Awaitable } from "../../core/awaitable.ts";
import type { SessionRow, SessionTable } from "../../core/store.ts";
import type { OpenTable } from "./open-table.ts";

/** A case, given an open table, and a signal that ends its loops if it takes too long. */
export type TableCase = readonly [
  title: string,
  run: (table: SessionTable, opened: OpenTable, signal: AbortSignal) => Promise<void>,
];

/** What a case throws if the open table does not have what the case needs. It is no failure. */
export class NotShown extends Error {}

/** Gives what a case needs. @throws NotShown with the reason if it is absent */
export function needed<T>(part: T | undefined, reason: string): T {
  if (part === undefined) throw new NotShown(reason);
  return part;
}

/** The time of the core's clock in all cases. Deadlines lie around it. */
export const NOW: number = Date.UTC(2040, 0, 1);
export const MINUTE: number = 60 * 1000;
export const HOUR: number = 60 * MINUTE;
/** A deadline that does not pass. */
export const LATER: number = NOW + 24 * HOUR;

/** The time of this machine's clock, which no table may ask: see the cases about clocks. */
export function machineTime(): number {
  return Math.round(performance.timeOrigin + performance.now());
}

/** Draws a version, as the core does for each write. */
export function newVersion(): number {
  return Number(randomBytes(8).readBigUInt64BE() >> 11n);
}

/** Draws a key that no other case and no other run uses. */
export function newKey(): string {
  return randomBytes(16).toString("base64url");
}

/** Makes a row that lives. Its value says what it is. */
export function row(value: string, version: number, expiresAt: number = LATER): SessionRow {
  return { value, version, expiresAt };
}

/** Calls `make` with the numbers from 0 to below `count`, and gives the results. */
export function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** Lets all other work have its turn, also timers and sockets. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Waits for answers, which may be promises or not. */
export function all<T>(answers: readonly Awaitable<T>[]): Promise<T[]> {
  return Promise.all(answers.map(async (answer) => answer));
}

export function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/** Compares an answer, or a row by its three fields. */
export function same(actual: unknown, expected: unknown, what: string): void {
  if (isRow(actual) && isRow(expected)) {
    same(actual.version, expected.version, `${what}: its version`);
    same(actual.expiresAt, expected.expiresAt, `${what}: its expiresAt`);
    same(actual.value, expected.value, `${what}: its value`);
    return;
  }
  if (Object.is(actual, expected)) return;
  throw new Error(
    `${what} should be ${show(expected)}, got ${show(actual)}${difference(actual, expected)}`,
  );
}

/** Checks which row a key has; `undefined` for none. */
export async function holds(
  table: SessionTable,
  key: string,
  expected: SessionRow | undefined,
  when: string,
): Promise<void> {
  same(await table.get(key), expected, `the row ${when}`);
}

/** Inserts a row that must not be there yet. */
export async function given(
  table: SessionTable,
  key: string,
  first: SessionRow,
): Promise<SessionRow> {
  same(await table.insert(key, first, NOW), true, `insert of the new key "${key}"`);
  return first;
}

export function isRow(value: unknown): value is SessionRow {
  return typeof value === "object" && value !== null && "version" in value;
}

function show(value: unknown): string {
  const text = isRow(value) ? showRow(value) : JSON.stringify(value);
  if (text === undefined) return String(value);
  return text.length > 200 ? `${text.slice(0, 200)}… (${text.length} characters)` : text;
}

function showRow({ value, version, expiresAt }: SessionRow): string {
  return `a row { value: ${JSON.stringify(value)}, version: ${version}, expiresAt: ${expiresAt} }`;
}

/** Says where two texts begin to differ, because nobody finds that by eye among a million characters. */
function difference(actual: unknown, expected: unknown): string {
  if (typeof actual !== "string" || typeof expected !== "string") return "";
  let at = 0;
  while (at < expected.length && actual[at] === expected[at]) at++;
  const code = (text: string): string => text.codePointAt(at)?.toString(16) ?? "the end";
  return `; they differ at character ${at}: ${code(actual)} instead of ${code(expected)}`;
}
