/** Writes the table of promises into docs/reports/stores.md, and prints it: npm run stores. */
import { readFileSync, writeFileSync } from "node:fs";
import { relative, sep } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Reporter, TestModule } from "vitest/node";
import { withTable } from "../../../setup/page-table.ts";
import { MISSING, tableOf } from "./table.ts";

const tests = fileURLToPath(new URL("../../../", import.meta.url));

// How Vitest finds a reporter.
// oxlint-disable-next-line import/no-default-export
export default class StoresReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const page = new URL("../../../../docs/reports/stores.md", import.meta.url);
    const outcomes = modules.flatMap((module) => {
      const file = relative(tests, module.moduleId).replaceAll(sep, "/");
      return [...module.children.allTests()]
        .filter((test) => test.result().state !== "skipped")
        .map((test) => ({
          name: `${file} > ${test.fullName}`,
          passed: test.result().state === "passed",
        }));
    });
    const table = tableOf(outcomes);
    process.stdout.write(`\n${table}\n`);
    if (table.includes(MISSING)) {
      // Somebody has run one store, or a promise has no proof: the page stays as it is.
      process.exitCode = 1;
      return;
    }
    writeFileSync(page, withTable(readFileSync(page, "utf8"), "npm run stores", table));
  }
}
