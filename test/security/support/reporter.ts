/** Writes the results of test/security/ into docs/reports/security.md: npm run test:security. */
import { readFileSync, writeFileSync } from "node:fs";
import type { Reporter, TestModule } from "vitest/node";
import { withTable } from "../../setup/page-table.ts";
import { COMMAND, tablesOf } from "./table.ts";

// How Vitest finds a reporter.
// oxlint-disable-next-line import/no-default-export
export default class SecurityReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const page = new URL("../../../docs/reports/security.md", import.meta.url);
    const outcomes = modules.flatMap(({ children, relativeModuleId: file }) =>
      [...children.allTests()]
        .filter((test) => test.result().state !== "skipped")
        .map((test) => ({ name: test.fullName, file, passed: test.result().state === "passed" })),
    );
    writeFileSync(page, withTable(readFileSync(page, "utf8"), COMMAND, tablesOf(outcomes)));
  }
}
