/** Writes the results of the neighbours into docs/reports/neighbours.md: npm run test:neighbours. */
import { readFileSync, writeFileSync } from "node:fs";
import type { Reporter, TestModule } from "vitest/node";
import { withTable } from "../../setup/page-table.ts";
import { neighbours } from "../hosts.ts";
import { tableOf } from "./table.ts";

// How Vitest finds a reporter.
// oxlint-disable-next-line import/no-default-export
export default class NeighbourReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const page = new URL("../../../docs/reports/neighbours.md", import.meta.url);
    const outcomes = modules
      .flatMap((module) => [...module.children.allTests()])
      .map((test) => ({ name: test.fullName, passed: test.result().state === "passed" }));
    const table = tableOf(outcomes, neighbours);
    if (table.includes("| – ")) return; // Somebody has run one host, or one test.
    writeFileSync(page, withTable(readFileSync(page, "utf8"), "npm run test:neighbours", table));
  }
}
