import { afterAll, describe, expect, test } from "vitest";
import { MODES } from "../neighbour.ts";
import type { Mode, Neighbour } from "../neighbour.ts";
import { differences } from "./differences.ts";
import { titleOf } from "./packages.ts";
import { PACES, run } from "./run.ts";
import type { Seen } from "./run.ts";

/** One test for each neighbour, each place of the look and each table. */
export function testNeighbours(neighbours: readonly Neighbour[]): void {
  for (const neighbour of neighbours) {
    describe(neighbour.host, () => {
      describe(titleOf(neighbour), () => testNeighbour(neighbour));
    });
  }
}

function testNeighbour(neighbour: Neighbour): void {
  const plain = new Map<Mode, Promise<readonly Seen[]>>();
  const withoutUs = (mode: Mode): Promise<readonly Seen[]> => {
    const seen = plain.get(mode) ?? run(neighbour, mode, undefined);
    plain.set(mode, seen);
    return seen;
  };
  let ran = 0;
  let known = false;

  describe.each(MODES)("%s", (mode) => {
    test.each(PACES)("nothing works differently with %s", async (pace) => {
      const expected = await withoutUs(mode);
      const found = differences(expected, await run(neighbour, mode, pace), neighbour);
      ran += 1;
      known ||= found.known;
      expect(found.faults).toEqual([]);
    });
  });

  afterAll(() => {
    const isWhole = ran === MODES.length * PACES.length;
    if (isWhole && neighbour.known !== undefined) {
      expect(known, "the known difference is there").toBe(true);
    }
  });
}
