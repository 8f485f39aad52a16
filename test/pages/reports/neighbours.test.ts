import { describe, expect, test } from "vitest";
import { neighbours } from "../../neighbours/hosts.ts";
import { tableOf } from "../../neighbours/support/table.ts";
import type { Neighbour } from "../../neighbours/neighbour.ts";
import { listTests } from "../../setup/list-tests.ts";
import { withTable } from "../../setup/page-table.ts";
import { read } from "../../setup/project.ts";

describe("the table in docs/reports/neighbours.md", () => {
  test("the table is what the suite prints today; if it is not, run npm run test:neighbours", async () => {
    // The list has no results: a cross in the page is a difference.
    const list = await listTests("--config=test/neighbours/vitest.config.ts");
    expect(list.length).toBeGreaterThan(100);
    const page = read("docs/reports/neighbours.md");
    const table = tableOf(
      list.map((name) => ({ name, passed: true })),
      neighbours,
    );
    expect(table).not.toContain("| – ");
    expect(withTable(page, "npm run test:neighbours", table)).toBe(page);
  });

  test("the table shows what passed, what failed, what did not run, and what is known", () => {
    const neighbour: Neighbour = { host: "A", name: "one", program: () => () => {}, requests: [] };
    const outcomes = [
      { name: "A > one > looked at above > with x", passed: true },
      { name: "A > one > looked at above > with y", passed: true },
      { name: "A > one > looked at inside > with x", passed: true },
      { name: "A > one > looked at inside > with y", passed: false },
    ];
    const known = { ...neighbour, name: "two", known: "It is known" };
    const lines = tableOf(outcomes, [neighbour, known]).split("\n").slice(2);
    expect(lines).toEqual([
      "| **A** | | | | | | |",
      "| one | ✓ | **✗** | – | – | – | – |",
      "| two (1) | – | – | – | – | – | – |",
      "",
      "(1) It is known.",
    ]);
  });
});
