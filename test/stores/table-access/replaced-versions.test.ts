import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wasMade, withReplaced } from "../../../src/stores/table-access/replaced-versions.ts";

const versions = fc.uniqueArray(fc.maxSafeNat(), { minLength: 3, maxLength: 40 });

/** The names in the row after all these writes, the last of which it bears as its version. */
function namesAfter(chain: readonly number[]): string | undefined {
  return chain
    .slice(0, -1)
    .reduce<string | undefined>((names, version) => withReplaced(names, version), undefined);
}

describe("L5: the versions that a row names", () => {
  it("a write that a later one of sixteen has replaced was made, and none that met another in its place", () => {
    fc.assert(
      fc.property(versions, fc.nat(), (chain, pick) => {
        const stranger = chain[0] as number;
        const row = chain.slice(1);
        const names = namesAfter(row);
        const at = pick % (row.length - 1); // Any write but the last, which is the row itself.
        const [expected = -1, next = -1] = row.slice(at);
        const isNamed = row.length - 1 - at <= 16;
        expect(wasMade(names, expected, stranger)).toBe(isNamed ? "made" : "unknown");
        expect(wasMade(names, stranger, expected)).toBe(isNamed ? "not made" : "unknown");
        // A write that was made names what it replaced as well, and still counts as made.
        if (next !== row.at(-1)) {
          expect(wasMade(names, next, expected)).toBe(
            row.length - 2 - at <= 16 ? "made" : "unknown",
          );
        }
      }),
    );
  });

  it("a row that names nothing has no write of ours below it", () => {
    expect(wasMade(undefined, 1, 2)).toBe("not made");
  });

  it("the names take 191 characters at most, however often the row is written", () => {
    let names: string | undefined;
    for (let i = 0; i < 40; i++) names = withReplaced(names, Number.MAX_SAFE_INTEGER - i);
    expect(names).toHaveLength(191);
    expect(names?.split(".")).toHaveLength(16);
    expect(names).toMatch(/^[0-9a-z.]+$/);
  });

  it("a row that is written in haste names sixty-four, and again sixteen after a rest", () => {
    let names: string | undefined;
    for (let i = 0; i < 100; i++) names = withReplaced(names, Number.MAX_SAFE_INTEGER - i, true);
    expect(names?.split(".")).toHaveLength(64);
    expect(withReplaced(names, 1).split(".")).toHaveLength(16);
  });
});
