/** The table of promises in docs/reports/stores.md, made from the tests of the stores. */
import { COLUMNS } from "./columns.ts";
import type { Column, ColumnTitle } from "./columns.ts";
import { STORES } from "./stores.ts";
import type { StoreRow } from "./stores.ts";

export interface Outcome {
  /** The test's file below test/ and its full name, with " > " between all parts. */
  readonly name: string;
  readonly passed: boolean;
}

/** A test by which a table says that it has nothing to show. */
const NOTHING = "the table has nothing to show for it";

/** What the command is run over. */
export const TESTS: readonly string[] = ["test/tables", "test/laws/interleavings.test.ts"];

export function tableOf(
  outcomes: readonly Outcome[],
  stores: readonly StoreRow[] = STORES,
  columns: readonly Column[] = COLUMNS,
): string {
  const notes: string[] = [];
  const noteOf = (reason: string): string => {
    if (!notes.includes(reason)) notes.push(reason);
    return `(${notes.indexOf(reason) + 1})`;
  };
  const rows = stores.map((store) => {
    const own = outcomes.filter(({ name }) => store.tests.test(name) && !name.endsWith(NOTHING));
    const cells = columns.map((column) => {
      const proofs = own.filter(({ name }) => column.proof.test(name));
      const reason = store.except?.[column.title as ColumnTitle];
      // What is proven has no excuse.
      if (reason !== undefined && proofs.length > 0) return MISSING;
      if (reason !== undefined) return noteOf(reason);
      if (proofs.length === 0) return MISSING;
      return proofs.every(({ passed }) => passed) ? "✓" : "**✗**";
    });
    return `| ${[store.name, ...cells].join(" | ")} |`;
  });
  return [
    `| | ${columns.map(({ title }) => title).join(" | ")} |`,
    `|---|${":-:|".repeat(columns.length)}`,
    ...rows,
    "",
    ...columns.map(({ title, promise }) => `- **${title}**: ${promise}`),
    "",
    ...notes.map((reason, i) => `(${i + 1}) ${reason}.  `),
  ]
    .join("\n")
    .trimEnd();
}

/** A promise that no test proves and that has no exception, or an exception that tests contradict. */
export const MISSING = "**missing**";
