import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { asRead, readRow, toSessionRow } from "../../../src/stores/table/row.ts";
import { tokenStatus } from "../../../src/stores/table/token-status.ts";
import type { Row } from "../../../src/stores/table/row.ts";
import { anyText } from "../../support/arbitraries.ts";
import { anyDigest, anyRow, anyTime, content, tokensOf } from "../../support/tables/records.ts";

/** What is left of a row in a table. */
function stored(row: Row): Row | undefined {
  const { value, expiresAt } = toSessionRow(row);
  return readRow(value, expiresAt);
}

/** Without the option `subject`. */
const nobody = (): undefined => undefined;

describe("L18: the text of a row", () => {
  it("the text gives the row back as it was", () => {
    fc.assert(
      fc.property(anyRow(), (row) => {
        expect(content(stored(row))).toBe(content(row));
      }),
      { numRuns: 500 },
    );
  });

  it("a row that is remembered as it was written is what its text gives", () => {
    fc.assert(
      fc.property(anyRow(), (row) => {
        expect(content(asRead(row))).toBe(content(stored(row)));
        expect(Object.keys(asRead(row).record)).toEqual(Object.keys(stored(row)?.record ?? {}));
      }),
      { numRuns: 500 },
    );
  });

  it("the text is well-formed and has no U+0000, so that every table can keep it", () => {
    fc.assert(
      fc.property(anyRow(), (row) => {
        const { value } = toSessionRow(row);
        expect(value).not.toContain("\0");
        expect(Buffer.from(value).toString()).toBe(value);
      }),
    );
  });

  it("the text does not hold the deadline, which a touch moves beside it", () => {
    fc.assert(
      fc.property(anyRow(), anyTime(), (row, later) => {
        const touched = { ...row, record: { ...row.record, expiresAt: later } };
        expect(toSessionRow(touched).value).toBe(toSessionRow(row).value);
        expect(toSessionRow(touched).expiresAt).toBe(later);
        expect(content(readRow(toSessionRow(row).value, later))).toBe(content(touched));
      }),
    );
  });

  it("a text of another format says nothing to this version", () => {
    fc.assert(
      fc.property(anyRow(), anyText(2), (row, format) => {
        fc.pre(!/^[12]/.test(format));
        const { value, expiresAt } = toSessionRow(row);
        expect(readRow(format + value.slice(1), expiresAt)).toBeUndefined();
      }),
    );
  });

  it("a text that was changed anywhere is a row or none, and never an error", () => {
    const change = fc.record({ at: fc.nat(), remove: fc.nat(3), insert: anyText(3) });
    fc.assert(
      fc.property(anyRow(), change, anyDigest(), (row, { at, remove, insert }, digest) => {
        const { value, expiresAt } = toSessionRow(row);
        const place = at % value.length;
        const changed = value.slice(0, place) + insert + value.slice(place + remove);
        const read = readRow(changed, expiresAt);
        if (read) tokenStatus(read, digest, 0, nobody);
      }),
      { numRuns: 2000 },
    );
  });

  it("any JSON is a row or none, and never an error", () => {
    const fields = fc.record(
      {
        createdAt: fc.jsonValue(),
        digest: fc.oneof(fc.string(), fc.jsonValue()),
        data: fc.oneof(fc.object(), fc.jsonValue()),
        flash: fc.jsonValue(),
        sent: fc.jsonValue(),
        since: fc.jsonValue(),
        id: fc.jsonValue(),
        signedInAt: fc.jsonValue(),
        ahead: fc.jsonValue(),
        lifetime: fc.jsonValue(),
        replaced: fc.jsonValue(),
        renewedAt: fc.jsonValue(),
        next: fc.jsonValue(),
        retired: fc.oneof(
          fc.jsonValue(),
          fc.record({ digests: fc.array(fc.jsonValue()), until: fc.integer() }),
        ),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fields, fc.jsonValue()), anyDigest(), (any, digest) => {
        const read = readRow(`2${JSON.stringify(any)}`, 0);
        if (read) tokenStatus(read, digest, 0, nobody);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("L8: the status of a token", () => {
  it("the row's own token may do everything, at any time", () => {
    fc.assert(
      fc.property(anyRow(), anyTime(), (row, now) => {
        expect(tokenStatus(row, row.digest, now, nobody)).toBe("current");
      }),
    );
  });

  it("the next token may do everything, at any time", () => {
    fc.assert(
      fc.property(anyRow(), anyDigest(), anyTime(), (row, digest, now) => {
        fc.pre(digest !== row.digest);
        const next = { digests: [...(row.next?.digests ?? []), digest], issuedAt: now };
        expect(tokenStatus({ ...row, next }, digest, now, nobody)).toBe("issued");
      }),
    );
  });

  it("the token before may do everything or may read, until its time is over", () => {
    const time = fc.tuple(anyTime(), fc.integer({ min: -2, max: 2 }));
    fc.assert(
      fc.property(
        anyRow(),
        anyDigest(),
        time,
        fc.boolean(),
        (row, digest, [until, later], full) => {
          fc.pre(digest !== row.digest && !row.next?.digests.includes(digest));
          const { data } = row.record;
          const digests = [...(row.retired?.digests ?? []), digest];
          const retired = { digests, until, data, ...(full ? { full: true as const } : {}) };
          const status = tokenStatus({ ...row, retired }, digest, until + later, nobody);
          if (later >= 0) expect(status).toBe("superseded");
          else expect(status).toBe(full ? "previous" : "read-only");
        },
      ),
    );
  });

  it("a token that the row does not know may do nothing, at any time", () => {
    fc.assert(
      fc.property(anyRow(), anyDigest(), anyTime(), (row, digest, now) => {
        fc.pre(!tokensOf(row).includes(digest));
        expect(tokenStatus(row, digest, now, nobody)).toBe("unknown");
        expect(tokenStatus(row, digest.slice(1), now, nobody)).toBe("unknown");
      }),
    );
  });
});
