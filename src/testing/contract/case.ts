/** The parts of a contract for any test runner: cases with titles, and asserts that throw plain errors. */
import { randomBytes } from "node:crypto";
import type { Awaitable } from "../../core/awaitable.ts";
import type { SessionRow, SessionTable } from "../../core/store.ts";

/** One promise of a contract: its title, and a function that rejects if the promise is broken. */
export type ContractCase = readonly [title: string, run: () => Promise<void>];

/** A table to test, and the function that closes it. */
export interface OpenTable {
  readonly table: SessionTable;
  /**
   * Whether the database's client may send a command again by itself, after an answer was lost: ioredis does, and many
   * clients over HTTP. `delete` must then leave a mark that `insert` meets.
   */
  readonly sendsAgain?: boolean | undefined;
  close?(): Awaitable<void>;
}

/** A case, given an open table. */
export type TableCase = readonly [
  title: string,
  run: (table: SessionTable, sendsAgain: boolean) => Promise<void>,
];

/** Makes cases of which each opens a table, uses it and closes it. */
export function overTable(
  open: () => Awaitable<OpenTable>,
  cases: readonly TableCase[],
): readonly ContractCase[] {
  return cases.map(([title, run]): ContractCase => [
    title,
    async () => {
      const opened = await open();
      try {
        await run(opened.table, opened.sendsAgain ?? false);
      } finally {
        await opened.close?.();
      }
    },
  ]);
}

/** The time of the core's clock in all cases. Deadlines lie around it. */
export const NOW: number = Date.UTC(2040, 0, 1);
export const MINUTE: number = 60 * 1000;
export const HOUR: number = 60 * MINUTE;
/** A deadline that does not pass. */
export const LATER: number = NOW + 24 * HOUR;

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
