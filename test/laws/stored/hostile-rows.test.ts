import { stringify } from "devalue";
import { describe, expect, it } from "vitest";
import { createSessions } from "../../../src/core/sessions.ts";
import type { SessionTable } from "../../../src/core/store.ts";
import type { Sessions } from "../../../src/core/types.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { Browser } from "../../support/browser.ts";
import { canonical } from "../../support/canonical.ts";
import { clock } from "../../support/clock.ts";
import { refusals } from "../../support/events.ts";
import { readToken } from "../../support/read-token.ts";
import { TABLES } from "../../support/stores.ts";

type Fields = Record<string, unknown>;

const lists = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);

/** A value that is shared so often that each level doubles the work of a reader. */
function doubling(make: (a: unknown, b: unknown) => unknown): unknown {
  let value: unknown = ["x"];
  for (let level = 0; level < 30; level++) value = make(value, value);
  return value;
}

/** Writes fields in devalue's format, with a value in their data. */
const rich = (fields: Fields, value: unknown): string =>
  `2~${stringify({ ...fields, data: { x: value, at: new Date(0) } })}`;

/** Writes fields in devalue's format, with parts of an attacker in the place of a value. They begin at part 100. */
function withParts(fields: Fields, parts: readonly unknown[]): string {
  const all: unknown[] = JSON.parse(stringify({ ...fields, data: { x: "here", at: new Date(0) } }));
  while (all.length < 100) all.push(0);
  all[all.indexOf("here")] = parts[0];
  return `2~${JSON.stringify([...all, ...parts])}`;
}

describe.each(TABLES)("L18: a row that somebody else has written to %s", (_, make) => {
  interface Scene {
    readonly table: SessionTable;
    readonly sessions: Sessions;
    readonly browser: Browser;
    readonly now: () => number;
  }

  function begin(): Scene {
    const { now } = clock();
    const table = make();
    const sessions = createSessions({ store: tableStore({ table }), key: "session", now });
    return { table, sessions, browser: new Browser(sessions, now), now };
  }

  it.each<readonly [what: string, write: (fields: Fields) => string]>([
    ["7,000 levels", (row) => `2${JSON.stringify(row).replace('"here"', lists(7000))}`],
    ["100,000 levels", (row) => `2${JSON.stringify(row).replace('"here"', lists(100_000))}`],
    [
      "objects as deep",
      (row) =>
        `2${JSON.stringify(row).replace('"here"', `${'{"a":'.repeat(7000)}1${"}".repeat(7000)}`)}`,
    ],
    ["7,000 levels in devalue's format", (row) => withParts(row, levels(7000))],
    [
      "a list that holds itself",
      (row) => {
        const value: unknown[] = [];
        value.push(value);
        return rich(row, value);
      },
    ],
    [
      "a Map that holds itself many times",
      (row) => {
        const value = new Map<unknown, unknown>();
        for (let i = 0; i < 30; i++) value.set(i, value);
        return rich(row, value);
      },
    ],
    [
      "lists that double 30 times",
      (row) =>
        rich(
          row,
          doubling((a, b) => [a, b]),
        ),
    ],
    [
      "objects that double 30 times",
      (row) =>
        rich(
          row,
          doubling((a, b) => ({ a, b })),
        ),
    ],
    [
      "Maps that double 30 times",
      (row) =>
        rich(
          row,
          doubling((a, b) => new Map([[a, b]])),
        ),
    ],
    [
      "Sets that double 30 times",
      (row) =>
        rich(
          row,
          doubling((a, b) => new Set([[a], [b]])),
        ),
    ],
    [
      "a thousand arrays over the same bytes",
      (row) => {
        const { buffer } = new Uint8Array(10_000);
        return rich(
          row,
          Array.from({ length: 1000 }, () => new Uint8Array(buffer)),
        );
      },
    ],
    [
      "an array with a great length and nothing in it",
      (row) => withParts(row, [[-7, 2 ** 32 - 1]]),
    ],
    ["a regular expression", (row) => withParts(row, [["RegExp", "(a+)+$"]])],
    ["a boxed value", (row) => withParts(row, [["Object", 101], 1])],
    [
      "entries that hold themselves",
      (row) => withParts(row, [["Entries", 101], [102], [100, 100]]),
    ],
  ])("a row with %s is refused with an event, and left as it is", async (_what, write) => {
    const { table, sessions, browser, now } = begin();
    await browser.visit((conn) => sessions.putSession(conn, "x", "here"));
    const key = readToken("session", browser.jar.value("session") ?? "")?.handle ?? "";
    const row = await table.get(key);
    if (!row) throw new Error("there is no row");
    const value = write(JSON.parse(row.value.slice(1)) as Fields);
    await table.replace(key, row.version, { ...row, value, version: 1 }, now());

    const read = await browser.visit((conn) => sessions.getSession(conn));
    expect([read.result, refusals(read.events)]).toEqual([{}, ["unknown-format"]]);
    const written = await browser.visit((conn) => sessions.putSession(conn, "y", 1));
    expect(refusals(written.events)).toEqual(["unknown-format"]);
    expect((await table.get(key))?.value).toBe(value);
  });

  it.each<readonly [what: string, value: () => unknown]>([
    ["200 levels of lists", () => nested((value) => [value])],
    ["200 levels of objects", () => nested((value) => ({ value }))],
    [
      "200 levels of objects with a key __proto__",
      () => nested((value) => Object.fromEntries([["__proto__", value]])),
    ],
    ["200 levels of Maps", () => nested((value) => new Map([[value, "value"]]))],
    ["the same text 100,000 times", () => [new Date(0), ...Array<string>(100_000).fill("text")]],
    [
      "one part in many places, of which put makes copies",
      () => {
        const shared = { at: new Date(0) };
        return Array.from({ length: 1000 }, () => shared);
      },
    ],
    ["200,000 bytes", () => new Uint8Array(200_000).fill(7)],
    ["10,000 small arrays of bytes", () => Array.from({ length: 10_000 }, () => new Uint8Array(2))],
    ["a bigint of 10,000 digits", () => 10n ** 10_000n],
  ])("what put takes is read again, also after a renewal: %s", async (_what, value) => {
    const { sessions, browser } = begin();
    const put = value();
    await browser.visit((conn) => sessions.putSession(conn, "__proto__", put));
    await browser.visit((conn) => sessions.putSession(conn, "x", new Date(0)));
    await browser.visit((conn) => sessions.renewSession(conn));
    const { result, events } = await browser.visit((conn) =>
      sessions.getSession(conn, "__proto__"),
    );
    expect(refusals(events)).toEqual([]);
    expect(canonical(result)).toBe(canonical(put));
  });
});

/** Parts in devalue's format that are as deep, from part 100 on. */
function levels(count: number): unknown[] {
  return [...Array.from({ length: count }, (_, level) => [101 + level]), 1];
}

function nested(wrap: (value: unknown) => unknown): unknown {
  let value: unknown = "inside";
  for (let level = 0; level < 200; level++) value = wrap(value);
  return value;
}
