/** Runs the code of docs/stores/table-contract.md with its own runners, as an application that has installed the package. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { LAWS } from "../../src/testing/contract/laws.ts";
import { chaptersOf, readPage } from "../setup/markdown.ts";
import { read, requireBuilt, root } from "../setup/project.ts";
import { runNode } from "../setup/run.ts";
import { writeModules } from "../setup/write-modules.ts";

const folder = join(root, "build/table-contract");
const page = readPage("docs/stores/table-contract.md", read("docs/stores/table-contract.md"));
const [modules = [], ...others] = chaptersOf(page).map((chapter) => chapter.modules);
const CASES = LAWS.flatMap(([, cases]) => cases).length;
/** LMDB has everything else. */
const NOT_SHOWN = LAWS.filter(([law]) => law.startsWith("getMany")).flatMap(([, cases]) => cases);

beforeAll(() => {
  requireBuilt();
  rmSync(folder, { recursive: true, force: true });
  writeModules(folder, modules);
  // Without one, vitest would take the project's.
  writeFileSync(join(folder, "vitest.config.js"), "export default {};\n");
});

// Ten seconds each on a machine that does nothing else.
describe("the page about the contract of a table", { timeout: 400_000 }, () => {
  it("the page is one application, and this test runs every file of it", () => {
    expect(others).toEqual([]);
    expect(modules.map(({ file }) => file)).toEqual([
      "open-my-table.ts",
      "my-table.child.ts",
      "open-contract.ts",
      "my-table.test.ts",
      "my-table.node-test.ts",
      "print-laws.ts",
    ]);
  });

  it("the page's tests for vitest pass, and skip with a reason what LMDB does not show", async () => {
    const vitest = join(root, "node_modules/vitest/vitest.mjs");
    const args = [vitest, "run", "--root", folder, "--reporter=json"];
    const { stdout, stderr } = await runNode(args, { cwd: folder });
    const report = JSON.parse(stdout.slice(stdout.indexOf("{"))) as Record<string, unknown>;
    const { success, numPassedTests, numPendingTests } = report;
    expect({ success, numPassedTests, numPendingTests }, stdout + stderr).toEqual({
      success: true,
      numPassedTests: CASES - skipped(),
      numPendingTests: skipped(),
    });
  });

  it("the page's tests for node:test pass, and skip with a reason what LMDB does not show", async () => {
    const { code, stdout, stderr } = await runNode([join(folder, "my-table.node-test.js")], {
      cwd: folder,
    });
    expect(code, stdout + stderr).toBe(0);
    expect(stdout).toMatch(new RegExp(`^# tests ${CASES}$`, "m"));
    expect(stdout).toMatch(/^# fail 0$/m);
    expect(stdout).toMatch(new RegExp(`^# skipped ${skipped()}$`, "m"));
  });

  it("the page's program prints one line for each law", async () => {
    const { code, stdout, stderr } = await runNode([join(folder, "print-laws.js")], {
      cwd: folder,
    });
    expect(code, stdout + stderr).toBe(0);
    const lines = stdout.trim().split("\n");
    expect(lines.map((line) => line.replace(/ \(.*/, ""))).toEqual(
      LAWS.map(([law]) => `${isShown(law) ? "yes      " : "not shown"}  ${law}`),
    );
  });
});

/** Whether LMDB shows a law: it may get a getMany. */
function isShown(law: string): boolean {
  return !law.startsWith("getMany") || hasMany;
}

const hasMany = /\bgetMany\(/.test(read("src/tables/lmdb.ts"));

function skipped(): number {
  return hasMany ? 0 : NOT_SHOWN.length;
}
