import { describe, expect, test } from "vitest";
import { nodeHost } from "../../contracts/hosts/drivers/node.ts";
import { tableOf } from "../../contracts/hosts/table.ts";
import { listTests } from "../../setup/list-tests.ts";
import { withTable } from "../../setup/page-table.ts";
import { read } from "../../setup/project.ts";

describe("the support table in docs/reports/hosts.md", () => {
  test("the table is what the suite prints today; if it is not, run npm run test:hosts", async () => {
    // The list has no results; those of the same tests are this run's own, beside this one.
    const list = await listTests("--project=sojourn", "test/hosts/hosts");
    expect(list.length).toBeGreaterThan(1000);
    const page = read("docs/reports/hosts.md");
    const table = tableOf(list.map((name) => ({ name, passed: true })));
    expect(withTable(page, "npm run test:hosts", table)).toBe(page);
  });

  test("the table shows what passed, what failed, what is not for a host, and why", () => {
    const driver = { ...nodeHost, name: "A" };
    const other = { ...nodeHost, name: "B", except: { second: "B has no second" } };
    const outcomes = [
      { name: "A with 'one' > answers > first", passed: true },
      { name: "A with 'two' > answers > first", passed: false },
      { name: "A with 'one' > answers > 300 turns", passed: true },
      { name: "B with 'one' > answers > second", passed: true },
      { name: "A with 'one' > answers > inner > second", passed: true },
      { name: "A with 'one' > clients > second", passed: true },
    ];
    expect(tableOf(outcomes, [{ driver }, { driver: other }]).split("\n")).toEqual([
      "| | A | B |",
      "|---|:-:|:-:|",
      "| **answers** | | |",
      "| first | **✗** | – |",
      "| turns | ✓ | – |",
      "| inner: second | ✓ | – |",
      "| second | – | ✓ |",
      "| **clients** | | |",
      "| second | ✓ | (1) |",
      "",
      "(1) B has no second.",
    ]);
  });

  test("the table is written between its marks, and nowhere else", () => {
    const page = withTable(
      "a\n<!-- The suite prints this table: npm run test:hosts -->\nold\n<!-- The end of the table. -->\nb",
      "npm run test:hosts",
      "new",
    );
    expect(page).not.toContain("old");
    expect(withTable(page, "npm run test:hosts", "new")).toBe(page);
    expect(() => withTable("no marks", "npm run test:hosts", "new")).toThrow("the page has no");
  });
});
