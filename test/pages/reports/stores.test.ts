import { describe, expect, test } from "vitest";
import { COLUMNS } from "../../contracts/tables/promises/columns.ts";
import { STORES } from "../../contracts/tables/promises/stores.ts";
import type { StoreRow } from "../../contracts/tables/promises/stores.ts";
import { MISSING, TESTS, tableOf } from "../../contracts/tables/promises/table.ts";
import { listFiles } from "../../setup/list-tests.ts";
import { withTable } from "../../setup/page-table.ts";
import { read } from "../../setup/project.ts";

describe("the table of promises in docs/reports/stores.md", () => {
  test("the table is what the tests prove today, with nothing missing; if it is not, run npm run stores", async () => {
    // The list has no results; those of the same tests are this run's own, beside this one.
    const list = await listFiles("--project=sojourn", ...TESTS);
    expect(list.length).toBeGreaterThan(1000);
    const page = read("docs/reports/stores.md");
    const table = tableOf(list.map((name) => ({ name, passed: true })));
    expect(table).not.toContain(MISSING);
    expect(withTable(page, "npm run stores", table)).toBe(page);
  });

  const store: StoreRow = { name: "A", tests: /^a\// };
  const columns = [
    { title: "rows", promise: "Rows stay.", proof: /rows stay/ },
    { title: "sweep", promise: "Dead rows go.", proof: /dead rows go/ },
  ];
  const rowsOf = (table: string): string[] => table.split("\n").slice(2, 3);

  test("the table shows what is proven, what fails, what is missing and what cannot be asked", () => {
    const outcome = (name: string, passed = true) => ({ name, passed });
    const rows = (...outcomes: ReturnType<typeof outcome>[]) =>
      rowsOf(tableOf(outcomes, [store], columns));
    expect(rows(outcome("a/x > rows stay"), outcome("a/y > dead rows go"))).toEqual([
      "| A | ✓ | ✓ |",
    ]);
    expect(rows(outcome("a/x > rows stay"), outcome("b/y > dead rows go"))).toEqual([
      `| A | ✓ | ${MISSING} |`,
    ]);
    expect(rows(outcome("a/x > rows stay", false), outcome("a/z > rows stay"))).toEqual([
      `| A | **✗** | ${MISSING} |`,
    ]);
    expect(rows(outcome("a/x > rows stay > the table has nothing to show for it"))).toEqual([
      `| A | ${MISSING} | ${MISSING} |`,
    ]);
  });

  test("an exception has its reason below the table, and none where a test proves the promise", () => {
    const except: StoreRow = { ...store, except: { sweep: "It has none" } };
    const proven = [{ name: "a/x > rows stay", passed: true }];
    const table = tableOf(proven, [except], columns);
    expect(rowsOf(table)).toEqual(["| A | ✓ | (1) |"]);
    expect(table).toContain("(1) It has none.");
    const both = [...proven, { name: "a/x > dead rows go", passed: true }];
    expect(rowsOf(tableOf(both, [except], columns))).toEqual([`| A | ✓ | ${MISSING} |`]);
  });

  test("each store and each promise has a name of its own", () => {
    for (const names of [STORES.map(({ name }) => name), COLUMNS.map(({ title }) => title)]) {
      expect(new Set<string>(names).size).toBe(names.length);
    }
  });
});
