/** The matrix of docs/frameworks/README.md: what each framework's example does, in the version that it has. */
import { frameworks } from "../frameworks.ts";
import { BOTH } from "./check.ts";
import type { Check } from "./check.ts";
import { browserChecks } from "./browser-checks.ts";
import { checks } from "./checks.ts";
import { versionOf } from "./serve.ts";

/** What became of one check. Its name: `Next > table > a guarded page is for users`. */
export interface Outcome {
  readonly name: string;
  readonly passed: boolean;
}

/** What a framework has no place for. It is no hole in the matrix. */
const NONE = "–";
const MISSING = "**missing**";

export function matrixOf(outcomes: readonly Outcome[]): string {
  const names = frameworks.map((each) => `${each.name} ${versionOf(each)}`);
  const common = [...checks, ...browserChecks];
  const rows = common.map((check) => {
    const cells = frameworks.map(({ name }) => cellOf(outcomes, name, check));
    return `| ${check.title} | ${cells.join(" | ")} |`;
  });
  const own = frameworks.flatMap((framework) =>
    (framework.own ?? []).map((check) => {
      const cells = frameworks.map((each) =>
        each === framework ? cellOf(outcomes, each.name, check) : NONE,
      );
      return `| ${check.title} | ${cells.join(" | ")} |`;
    }),
  );
  return [
    `| | ${names.join(" | ")} |`,
    `|---|${":-:|".repeat(names.length)}`,
    ...rows,
    ...own,
  ].join("\n");
}

function cellOf(outcomes: readonly Outcome[], framework: string, { title, stores }: Check): string {
  const found = outcomes.filter(({ name }) =>
    BOTH.some((store) => name === `${framework} > ${store} > ${title}`),
  );
  if (found.length < stores.length) return MISSING;
  return found.every(({ passed }) => passed) ? "✓" : "**✗**";
}

/** The names of all tests. */
export function allTests(): readonly string[] {
  return frameworks.flatMap(({ name, own = [] }) =>
    [...checks, ...own, ...browserChecks].flatMap(({ title, stores }) =>
      stores.map((store) => `${name} > ${store} > ${title}`),
    ),
  );
}

export function isWhole(matrix: string): boolean {
  return !matrix.includes(MISSING);
}
