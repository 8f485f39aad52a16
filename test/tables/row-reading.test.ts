/** How rows come back from the answers of clients; real servers are in the tests of each table. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SessionRow, SessionTable } from "../../src/core/store.ts";
import { toSessionRow } from "../../src/stores/table/row.ts";
import { postgresTable } from "../../src/tables/postgres.ts";
import { redisTable } from "../../src/tables/redis.ts";
import { anyRow } from "../support/tables/records.ts";

const version = fc.oneof(fc.constantFrom(0, 1, 2 ** 52, 2 ** 53 - 1), fc.maxSafeNat());
const expiresAt = fc.integer({ min: -(2 ** 52), max: 2 ** 52 });
const rows: fc.Arbitrary<SessionRow> = fc.oneof(
  anyRow().map((row) => withoutRank(toSessionRow(row))),
  // Beginnings that a reader could take for more of what stands before them, or after.
  fc.record({
    value: fc.string({ unit: fc.constantFrom(..." 01\n\t-.ne\u00a0語"), maxLength: 9 }),
    version,
    expiresAt,
  }),
);

/** As a table gives it back. */
function withoutRank({ value, version, expiresAt }: SessionRow): SessionRow {
  return { value, version, expiresAt };
}

const key = "AAAAAAAAAAAAAAAAAAAAAA";

describe("a row that PostgreSQL answers as one text", () => {
  it("the row comes back as it was, whatever its value begins with", async () => {
    await fc.assert(
      fc.asyncProperty(rows, async (row) => {
        const answering = (question: string): SessionTable => {
          const any = `${question} ${row.version} ${row.expiresAt} ${row.value}`;
          return postgresTable({ query: () => Promise.resolve({ rows: [{ any }] }) });
        };
        expect(await answering(`get ${key}`).get(key)).toEqual(row);
        // A conflict brings the row that is there.
        const other = { ...row, version: 7 };
        expect(await answering(`replace ${key} 7`).replace(key, 8, other, 0)).toEqual(row);
        expect(await answering(`delete ${key}`).delete(key, 8)).toEqual(row);
      }),
      { numRuns: 300 },
    );
  });
});

describe("a row that Redis answers as three fields", () => {
  /** How clients are set: text, bytes, or numbers where there are some. */
  const forms: readonly ((field: string | number) => unknown)[] = [
    String,
    (field) => Buffer.from(String(field)),
    (field) => field,
  ];

  const answering = (
    question: string,
    fields: readonly unknown[],
    form = forms[0],
  ): SessionTable => {
    const answer = [form?.(`sojourn:${key}`), form?.(question), ...fields];
    return redisTable({
      evalSha: () => Promise.resolve(answer),
      eval: () => Promise.resolve(answer),
    });
  };

  it("the row comes back as it was, as text or as bytes", async () => {
    await fc.assert(
      fc.asyncProperty(rows, fc.constantFrom(...forms), async (row, form) => {
        const fields = [form(row.value), form(row.version), form(row.expiresAt)];
        expect(await answering("get ", fields, form).get(key)).toEqual(row);
        const other = { ...row, version: 7 };
        expect(await answering("replace 7", fields, form).replace(key, 8, other, 0)).toEqual(row);
        expect(await answering("delete ", fields, form).delete(key, 8)).toEqual(row);
      }),
      { numRuns: 300 },
    );
  });

  it.each([null, undefined])("there is no row if its fields are %s", async (nothing) => {
    const fields = [nothing, nothing, nothing];
    expect(await answering("get ", fields).get(key)).toBeUndefined();
    expect(await answering("delete ", fields).delete(key, 1)).toBe("gone");
  });
});
