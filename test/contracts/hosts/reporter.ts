/** Writes the results of the host suite into docs/reports/hosts.md: npm run test:hosts. */
import { readFileSync, writeFileSync } from "node:fs";
import type { Reporter, TestModule } from "vitest/node";
import { withTable } from "../../setup/page-table.ts";
import { tableOf } from "./table.ts";

// How Vitest finds a reporter.
// oxlint-disable-next-line import/no-default-export
export default class HostReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const page = new URL("../../../docs/reports/hosts.md", import.meta.url);
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const outcomes = tests
      .filter((test) => test.result().state !== "skipped")
      .map((test) => ({ name: test.fullName, passed: test.result().state === "passed" }));
    writeFileSync(
      page,
      withTable(readFileSync(page, "utf8"), "npm run test:hosts", tableOf(outcomes)),
    );
  }
}
