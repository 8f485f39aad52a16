import { describe } from "vitest";
import { INCIDENTS } from "./incidents.ts";
import type { IncidentId } from "./incidents.ts";
import { titleOf } from "./rows.ts";
import type { RowId } from "./rows.ts";

/** The tests of one row. Their names begin with its id, by which the table finds them. */
export function row(id: RowId, tests: () => void): void {
  describe(titleOf(id), tests);
}

/** The tests of one thing that went wrong elsewhere. */
export function incident(id: IncidentId, tests: () => void): void {
  const { where, cause } = INCIDENTS[id];
  describe(`${id} ${where}: ${cause}`, tests);
}
