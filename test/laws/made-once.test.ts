/** L5 over a network that loses, delays, doubles and reorders every call of a table at every point. */
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import type { SessionTable } from "../../src/core/store.ts";
import { KINDS, runLossy } from "../contracts/interleavings/lost-calls.ts";
import type { Kind, Outcome } from "../contracts/interleavings/lost-calls.ts";
import { SECRET } from "../support/secrets.ts";
import { verbsOf } from "../support/tables/async-table.ts";

const THREES: readonly (readonly Kind[])[] = KINDS.flatMap((a, i) =>
  KINDS.slice(i).flatMap((b, j) => KINDS.slice(i + j).map((c) => [a, b, c])),
);
const schedules = fc.array(fc.nat(10_000), { maxLength: 40 });

describe("L5: a write is made once, whatever becomes of the calls of three requests", () => {
  let runs = 0;
  const told = { done: 0, stopped: 0, unknown: 0 };
  // oxlint-disable-next-line no-console -- the numbers belong to the proof
  afterAll(() => console.log(`schedules of lost calls: ${runs}, requests ${JSON.stringify(told)}`));

  it.each(THREES.map((kinds) => [kinds.join(" || "), kinds] as const))(
    'the requests "%s" store what was acknowledged, or tell that the outcome is unknown',
    async (_title, kinds) => {
      await fc.assert(
        fc.asyncProperty(schedules, async (schedule) => {
          const { violations, endings } = await runLossy(kinds, schedule);
          runs++;
          for (const { error, stopped } of endings) {
            if (error === "ERR_SESSION_STORE") told.unknown++;
            else if (stopped) told.stopped++;
            else told.done++;
          }
          expect(violations).toEqual([]);
        }),
        { numRuns: 500 },
      );
    },
    60_000,
  );

  it("sealed rows keep it, whose names of what they replaced are sealed with them", async () => {
    await fc.assert(
      fc.asyncProperty(schedules, async (schedule) => {
        const { violations } = await runLossy(["add", "add", "add"], schedule, undefined, SECRET);
        expect(violations).toEqual([]);
      }),
      { numRuns: 300 },
    );
  }, 60_000);

  it.each<[string, string, readonly Kind[], (table: SessionTable) => SessionTable]>([
    [
      "a write that is made twice, where rows do not name what they replaced",
      "are stored",
      ["add", "add", "add"],
      (table) =>
        verbsOf(table, {
          replace: (key, version, row, now) =>
            table.replace(key, version, { ...row, value: nameless(row.value) }, now),
        }),
    ],
    [
      "a lost update, where a table replaces without comparing versions",
      "are stored",
      ["add", "add", "add"],
      (table) =>
        verbsOf(table, {
          async replace(key, version, row, now) {
            const result = await table.replace(key, version, row, now);
            return typeof result === "object"
              ? table.replace(key, result.version, row, now)
              : result;
          },
        }),
    ],
    [
      "a log-out that is undone, where a table inserts what it should replace",
      "a log-out was undone",
      ["add", "add", "drop"],
      (table) =>
        verbsOf(table, {
          async replace(key, version, row, now) {
            const result = await table.replace(key, version, row, now);
            return result === "gone" && (await table.insert(key, row, now)) ? "done" : result;
          },
        }),
    ],
  ])(
    "the exploration finds %s",
    async (_title, law, kinds, rows) => {
      const found: Outcome["violations"][number][] = [];
      const property = fc.asyncProperty(schedules, async (schedule) => {
        const { violations } = await runLossy(kinds, schedule, rows);
        found.push(...violations);
        return !violations.some((violation) => violation.includes(law));
      });
      const { failed } = await fc.check(property, { numRuns: 3000, seed: 5, endOnFailure: true });
      expect(failed, found.join()).toBe(true);
    },
    60_000,
  );
});

function nameless(value: string): string {
  const { replaced: _, ...text } = JSON.parse(value.slice(1)) as Record<string, unknown>;
  return `2${JSON.stringify(text)}`;
}
