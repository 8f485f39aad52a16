import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  hasRoom,
  isOverdue,
  isRoundOver,
  issue,
  present,
  unpresentedRounds,
} from "../../../src/stores/table/rounds.ts";
import type { Next } from "../../../src/stores/table/rounds.ts";

const GRACE = 10;

/** Some rounds, the oldest first, each of so many tokens: `a0`, `a1`, then `b0`, ... */
function rounds(...sizes: readonly number[]): Next | undefined {
  let next: Next | undefined;
  for (const [round, size] of sizes.entries()) {
    for (let n = 0; n < size; n++) next = issue(next, nameOf(round, n), round * GRACE, GRACE);
  }
  return next;
}

const nameOf = (round: number, n: number): string => `${"abcdefgh"[round]}${n}`;

describe("L8: the rounds of renewEvery", () => {
  it("a round begins when the grace of the one before has passed, to the millisecond", () => {
    const next = issue(undefined, "a", 100, GRACE);
    expect([109.999, 110].map((now) => isRoundOver(next, now, GRACE))).toEqual([false, true]);
    expect(unpresentedRounds(issue(next, "b", 109.999, GRACE))).toBe(1);
    expect(unpresentedRounds(issue(next, "b", 110, GRACE))).toBe(2);
  });

  it("a round has room for eight tokens, and keeps them all", () => {
    expect([7, 8].map((size) => hasRoom(rounds(size) as Next))).toEqual([true, false]);
    expect(rounds(8)?.digests).toHaveLength(8);
  });

  it("four rounds are kept, with all their tokens, and the fourth is overdue", () => {
    const next = rounds(8, 8, 8, 8, 1);
    expect(next?.digests).toEqual(
      [4, 3, 2, 1].flatMap((round) =>
        round === 4 ? ["e0"] : Array.from({ length: 8 }, (_, n) => nameOf(round, 7 - n)),
      ),
    );
    expect([1, 2, 3, 4, 5].map((n) => isOverdue(rounds(...Array<number>(n).fill(1))))).toEqual([
      false,
      false,
      true,
      true,
      true,
    ]);
    expect(isOverdue(undefined)).toBe(false);
  });

  it("when a token is presented, its round and newer ones stay, and older ones are given back", () => {
    const { next, older } = present(rounds(2, 3, 2) as Next, "b1");
    expect(older).toEqual(["a1", "a0"]);
    expect(next).toEqual({
      digests: ["c1", "c0", "b2", "b0"],
      issuedAt: 2 * GRACE,
      rounds: [2, 2],
      presented: true,
    });
    expect(unpresentedRounds(next)).toBe(1);
  });

  it("the other tokens of a presented round count as no unpresented round, and begin no round late", () => {
    const { next } = present(rounds(3) as Next, "a1");
    expect(unpresentedRounds(next)).toBe(0);
    expect(isRoundOver(next, 0, GRACE)).toBe(true);
    const later = [1, 2, 3, 4, 5].reduce<Next | undefined>(
      (before, n) => issue(before, `n${n}`, n * GRACE, GRACE),
      next,
    );
    expect(later?.digests).toEqual(["n5", "n4", "n3", "n2", "a2", "a0"]);
    expect(isOverdue(later)).toBe(true);
  });

  it("the last token of a round leaves nothing behind", () => {
    expect(present(rounds(1) as Next, "a0")).toEqual({ next: undefined, older: [] });
  });

  it("tokens of a version that names no rounds all stay, and count as one round", () => {
    const next = { digests: ["d", "c", "b", "a"], issuedAt: 5 };
    expect(unpresentedRounds(next)).toBe(1);
    expect(issue(next, "e", 6, GRACE)).toMatchObject({ digests: ["e", ...next.digests] });
    expect(issue(next, "e", 5 + GRACE, GRACE)).toMatchObject({
      digests: ["e", ...next.digests],
      rounds: [1, 4],
    });
  });

  it("whatever a version of before has cut or left, every token of it stays known", () => {
    const some = fc.uniqueArray(fc.stringMatching(/^[a-f]{4}$/), { maxLength: 12 });
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 6 });
    fc.assert(
      fc.property(some, sizes, fc.boolean(), (digests, rounds, presented) => {
        const before: Next = {
          digests,
          issuedAt: 0,
          rounds,
          ...(presented && { presented: true as const }),
        };
        const within = issue(before, "new", 1, GRACE).digests;
        if (unpresentedRounds(before) > 0) expect(within).toEqual(["new", ...digests]);
        for (const digest of digests) {
          const { next, older } = present(before, digest);
          expect([...(next?.digests ?? []), digest, ...older].toSorted()).toEqual(
            digests.toSorted(),
          );
        }
      }),
    );
  });
});
