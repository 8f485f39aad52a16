/** The table of docs/reports/neighbours.md: which neighbour works with us as it does without us. */
import { MODES } from "../neighbour.ts";
import type { Neighbour } from "../neighbour.ts";
import { titleOf } from "./packages.ts";

/** What became of one test. Its name: `Express 5 > morgan > never looked at > nothing works differently with ...`. */
export interface Outcome {
  readonly name: string;
  readonly passed: boolean;
}

export function tableOf(outcomes: readonly Outcome[], neighbours: readonly Neighbour[]): string {
  const notes: string[] = [];
  const hosts = [...new Set(neighbours.map(({ host }) => host))];
  const lines = hosts.flatMap((host) => [
    `| **${host}** |${" |".repeat(MODES.length)}`,
    ...neighbours
      .filter((neighbour) => neighbour.host === host)
      .map((neighbour) => {
        const cells = MODES.map((mode) =>
          cellOf(outcomes, `${host} > ${titleOf(neighbour)} > ${mode}`),
        );
        return `| ${titleOf(neighbour)}${noteOf(neighbour, notes)} | ${cells.join(" | ")} |`;
      }),
  ]);
  return [
    `| | ${MODES.join(" | ")} |`,
    `|---|${":-:|".repeat(MODES.length)}`,
    ...lines,
    ...notes.map((note, at) => `\n(${at + 1}) ${note}.`),
  ].join("\n");
}

/** With both tables. */
function cellOf(outcomes: readonly Outcome[], start: string): string {
  const found = outcomes.filter(({ name }) => name.startsWith(`${start} > `));
  if (found.length === 0) return "–";
  return found.every(({ passed }) => passed) ? "✓" : "**✗**";
}

function noteOf({ known }: Neighbour, notes: string[]): string {
  if (known === undefined) return "";
  if (!notes.includes(known)) notes.push(known);
  return ` (${notes.indexOf(known) + 1})`;
}
