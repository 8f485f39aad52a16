import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { COMMAND, gapsOf, tablesOf } from "../security/support/table.ts";
import type { Outcome } from "../security/support/table.ts";
import { withTable } from "../setup/page-table.ts";
import { read, root } from "../setup/project.ts";
import { runNode } from "../setup/run.ts";

/** The tests of test/security/, also those that this machine has no server for. */
let listed: readonly Outcome[] = [];

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "sojourn-"));
  const file = join(folder, "list.json");
  const vitest = "node_modules/vitest/vitest.mjs";
  const { code, stderr } = await runNode([vitest, "list", `--json=${file}`, "--project=security"]);
  expect(code, stderr).toBe(0);
  const list = JSON.parse(await readFile(file, "utf8")) as readonly Record<
    "name" | "file",
    string
  >[];
  // The list has no results; those of the same tests are this run's own, beside this one.
  listed = list.map(({ name, file }) => ({ name, file: relative(root, file), passed: true }));
  await rm(folder, { recursive: true });
});

describe("the tables in docs/reports/security.md", () => {
  test(`the tables are what the suite prints today; if they are not, run ${COMMAND}`, () => {
    expect(listed.length).toBeGreaterThan(500);
    const page = read("docs/reports/security.md");
    expect(withTable(page, COMMAND, tablesOf(listed))).toBe(page);
  });

  test("every row and incident has a test, or says why there is none", () => {
    expect(gapsOf(listed)).toEqual([]);
    expect(gapsOf(listed.filter(({ name }) => !name.startsWith("S5 ")))).toEqual(["S5"]);
  });

  test("the tables show what failed, and what was run over fewer stores", () => {
    const one = (name: string, passed: boolean): Outcome => ({
      name,
      file: "test/x.test.ts",
      passed,
    });
    const tables = tablesOf([
      one("S5 a > memory > a", true),
      one("S5 a > LMDB > a", false),
      one("CVE-2015-3982 b > sealed cookie > b", true),
    ]);
    expect(tables).toContain("| S5 **✗**, S22 **✗** |");
    expect(tables).toMatch(
      /\| S5 \|.*\| \*\*✗\*\* memory, LMDB: \[x\]\(\.\.\/\.\.\/test\/x\.test\.ts\) \|/,
    );
    expect(tables).toMatch(/\| CVE-2015-3982 \|.*\| ✓ sealed cookie: /);
  });

  test("the tables refuse a test that belongs to no row", () => {
    expect(() => tablesOf([{ name: "something else", file: "a", passed: true }])).toThrow(
      "something else",
    );
  });
});
