/** Writes the matrix into docs/frameworks/README.md: npm run test:frameworks. */
import { readFileSync, writeFileSync } from "node:fs";
import type { Reporter, TestModule } from "vitest/node";
import { withTable } from "../../setup/page-table.ts";
import { isWhole, matrixOf } from "./matrix.ts";

// How Vitest finds a reporter.
// oxlint-disable-next-line import/no-default-export
export default class FrameworkReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const outcomes = modules
      .flatMap((module) => [...module.children.allTests()])
      .map((test) => ({ name: test.fullName, passed: test.result().state === "passed" }));
    const matrix = matrixOf(outcomes);
    if (!isWhole(matrix)) return; // Somebody has run one framework, or one check.
    const page = new URL("../../../docs/frameworks/README.md", import.meta.url);
    writeFileSync(page, withTable(readFileSync(page, "utf8"), "npm run test:frameworks", matrix));
  }
}
