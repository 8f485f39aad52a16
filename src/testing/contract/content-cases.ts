/** The keys and rows that a table must keep, and give back as they were. */
import type { SessionRow, SessionTable } from "../../core/store.ts";
import { LATER, NOW, check, given, holds, newKey, row, same, times } from "./case.ts";
import type { TableCase } from "./case.ts";

const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/** The core counts bytes. */
const LONGEST = 1_000_000;

const TEXTS: Readonly<Record<string, string>> = {
  "no character": "",
  "one space": " ",
  "spaces and newlines at both ends": "\r\n\t text \t\n\r",
  "all controls but U+0000":
    times(0x1f, (i) => String.fromCharCode(i + 1)).join("") + "\x7f\x80\x9f",
  "quotes and backslashes": `'" \`\\ \\\\ \\' '' "" \\n \\x00 \\u0000 E'\\\\' $$ $tag$`,
  "what is special to formats and patterns":
    "%s %d %00 %25 $1 $& ${x} {0} {{x}} :name ?1 @p1 -- /* */ ; #",
  JSON: JSON.stringify({ a: [1, null, "ä\u2028"], b: '{"c":"\\"}"}' }),
  "what looks like another type": "null",
  "a number with a leading zero": "007",
  "line and paragraph separators": "a\u2028b\u2029c\u0085d",
  "a byte order mark and noncharacters": "\ufefftext\ufffe\uffff\u{10ffff}",
  "right to left, with marks": "שלום \u202eمرحبا\u202c \u200f",
  "letters that normalization would change": "e\u0301 é \u212b \ufb01 가 \u1100\u1161",
  "characters of one to four bytes": "a\x7f\x80\u07ff\u0800\uffff\u{10000}\u{1f469}\u200d\u{1f4bb}",
  "what brackets an array or an object": "[1,2]{}()<>\\x5b",
};

async function roundTrip(table: SessionTable, value: string, what: string): Promise<void> {
  const key = newKey();
  const first = await given(table, key, row(value, 1));
  await holds(table, key, first, `with ${what}, inserted`);
  const second = row(`${value}|`, 2);
  same(await table.replace(key, 1, second, NOW), "done", `replace with ${what}`);
  await holds(table, key, second, `with ${what}, replaced`);
  same(await table.replace(key, 1, first, NOW), second, `the conflict that gives ${what}`);
  same(await table.touch(key, 2, LATER + 1, NOW), "done", `touch of ${what}`);
  await holds(table, key, { ...second, expiresAt: LATER + 1 }, `with ${what}, touched`);
  same(await table.delete(key, 2), "done", `delete of ${what}`);
}

/**
 * Writes a row under a key that an earlier run may have left behind. A key whose deleted row leaves a mark cannot be
 * inserted again, so that the cases with short keys do not delete them there.
 */
async function place(table: SessionTable, key: string, placed: SessionRow): Promise<void> {
  if ((await table.insert(key, placed, NOW)) === true) return;
  const current = await table.get(key);
  check(current !== undefined, `insert of "${key}" gave no true, and get gives no row`);
  same(await table.replace(key, current.version, placed, NOW), "done", `replace of "${key}"`);
}

/** Repeats a text up to the bytes that the core writes, or that the table takes, and leaves room for one byte. */
function longest(text: string, { maxValue = LONGEST }: SessionTable): string {
  const bytes = Math.min(LONGEST, maxValue) - 1;
  const count = Math.floor(bytes / Buffer.byteLength(text));
  return text.repeat(count) + "x".repeat(bytes - count * Buffer.byteLength(text));
}

export const CONTENT_CASES: readonly TableCase[] = [
  [
    "keys are 1 to 64 characters of base64url, all of them",
    async (table, { sendsAgain = false }) => {
      const keys = times(64, (i) =>
        BASE64URL.slice(i)
          .padEnd(64, BASE64URL)
          .slice(0, i + 1),
      );
      for (const [i, key] of keys.entries()) await place(table, key, row(key, i));
      for (const [i, key] of keys.entries()) await holds(table, key, row(key, i), `of "${key}"`);
      if (sendsAgain) return;
      for (const [i, key] of keys.entries())
        same(await table.delete(key, i), "done", `delete of "${key}"`);
    },
  ],
  [
    "keys are told apart by case, by length and by every character",
    async (table, { sendsAgain = false }) => {
      const short = ["-", "_", "--", "-_", "_-", "__", "a", "A", "aa", "aA", "Aa", "a-", "a_"];
      const numbers = ["0", "00", "-0", "1", "01", "1000", "1e3", "0x1"];
      const special = ["__proto__", "constructor", "toString", "null", "undefined", "true", "NaN"];
      const long = [16, 32, 63, 64].flatMap((length) =>
        ["a", "b"].map((end) => end.padStart(length, "x")),
      );
      const keys = [...short, ...numbers, ...special, ...long];
      if (!sendsAgain) for (const key of keys) await table.delete(key);
      for (const [i, key] of keys.entries()) {
        if (!sendsAgain) await holds(table, key, undefined, `of "${key}" before its insert`);
        await place(table, key, row(`of ${key}`, i));
      }
      for (const [i, key] of keys.entries()) {
        await holds(table, key, row(`of ${key}`, i), `of "${key}"`);
        if (!sendsAgain) same(await table.delete(key), "done", `delete of "${key}"`);
      }
    },
  ],
  [
    "values are any well-formed text without U+0000, and come back exactly",
    async (table) => {
      for (const [what, text] of Object.entries(TEXTS)) await roundTrip(table, text, what);
    },
  ],
  [
    "values are up to 1,000,000 bytes, or up to maxValue",
    async (table) => {
      const { maxValue } = table;
      check(
        maxValue === undefined || (Number.isSafeInteger(maxValue) && maxValue > 0),
        `maxValue must be a number of bytes, got ${String(maxValue)}`,
      );
      for (const [text, what] of [
        ["x", "letters"],
        ["€\n", "characters of one to three bytes"],
        ["\u{1f600}", "emoji"],
        ['\\"\n', "characters that many encodings make longer"],
      ] as const) {
        const value = longest(text, table);
        await roundTrip(table, value, `${Buffer.byteLength(value) + 1} bytes of ${what}`);
      }
    },
  ],
  [
    "versions are exact from 0 to 2^53 - 1",
    async (table) => {
      const edges = [
        0,
        1,
        2,
        2 ** 31,
        2 ** 32,
        2 ** 52 - 1,
        2 ** 52,
        2 ** 52 + 1,
        2 ** 53 - 2,
        2 ** 53 - 1,
      ];
      for (const version of edges) {
        const key = newKey();
        const first = await given(table, key, row("first", version));
        await holds(table, key, first, `of version ${version}`);
        for (const near of [version - 1, version + 1, version / 2, version * 2]) {
          const isVersion = Number.isSafeInteger(near) && near >= 0 && near !== version;
          if (!isVersion) continue;
          same(
            await table.replace(key, near, row("no", 5), NOW),
            first,
            `replace of ${near}, not ${version}`,
          );
          same(
            await table.touch(key, near, LATER + 1, NOW),
            "conflict",
            `touch of ${near}, not ${version}`,
          );
          same(await table.delete(key, near), first, `delete of ${near}, not ${version}`);
        }
        same(await table.touch(key, version, LATER + 1, NOW), "done", `touch of ${version}`);
        const touched = { ...first, expiresAt: LATER + 1 };
        await holds(table, key, touched, `of version ${version}, touched`);
        const second = row("second", 2 ** 53 - 1 - version);
        same(await table.replace(key, version, second, NOW), "done", `replace of ${version}`);
        same(await table.delete(key, second.version), "done", `delete of ${second.version}`);
      }
    },
  ],
  [
    "a version of 0 is compared like any other",
    async (table) => {
      const key = newKey();
      const first = await given(table, key, row("first", 3));
      same(
        await table.replace(key, 0, row("second", 1), NOW),
        first,
        "replace of version 0, not 3",
      );
      same(await table.delete(key, 0), first, "delete of version 0, not 3");
      same(await table.touch(key, 0, LATER + 1, NOW), "conflict", "touch of version 0, not 3");
      await holds(table, key, first, "of version 3");
    },
  ],
  [
    "deadlines are exact to the millisecond, up to the year 9999",
    async (table) => {
      const year9999 = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
      const deadlines = [
        NOW + 1,
        NOW + 2 ** 31 - 1,
        NOW + 2 ** 31,
        NOW + 2 ** 32 + 1,
        NOW + 2 ** 40 + 7,
        year9999,
      ];
      for (const expiresAt of deadlines) {
        const key = newKey();
        const first = await given(table, key, row("first", 1, expiresAt));
        await holds(table, key, first, `until ${expiresAt}`);
        const second = row("second", 2, expiresAt - 1);
        same(await table.replace(key, 1, second, NOW), "done", `replace until ${expiresAt - 1}`);
        await holds(table, key, second, `replaced until ${expiresAt - 1}`);
        same(await table.touch(key, 2, expiresAt, NOW), "done", `touch until ${expiresAt}`);
        await holds(table, key, { ...second, expiresAt }, `touched until ${expiresAt}`);
      }
    },
  ],
];
