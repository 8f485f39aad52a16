/** What is said of a run: to the terminal, and in docs/reports/security.md. */
import type { Figures } from "./campaign.ts";

const BEGIN = "<!-- These figures are written by npm run test:fuzz. -->";
const END = "<!-- The end of the figures. -->";

/** The figures as a table. They depend on the seed and the count alone. */
export function tableOf(figures: Figures): string {
  const { seed, inputs, headers, values, targets, opened, mostOpenings, refused } = figures;
  const rows: readonly (readonly [label: string, value: number | string])[] = [
    ["seed", String(seed)],
    ["inputs", inputs],
    ["Cookie headers among them", headers],
    ["single values", values],
    ["each offered to, stores times cookie names", targets],
    ["did what none may do", figures.findings.length],
    ["opened the session they were issued for, and were intact", opened],
    ["most cookies that one header made a store open", mostOpenings],
    ...Object.entries(refused).map(([reason, count]) => [`refused as ${reason}`, count] as const),
  ];
  return [
    "| | |",
    "|---|--:|",
    ...rows.map(([label, value]) => `| ${label} | ${numeral(value)} |`),
  ].join("\n");
}

/** What was found, each with the command that does it again. */
export function findingsOf({ seed, findings }: Figures): string {
  return findings
    .map(({ index, target, input, fault }) =>
      [
        `input ${index} of seed ${seed}, at ${target}: ${fault}`,
        `  the ${input.kind} ${JSON.stringify(input.text.slice(0, 2000))}`,
        `  again: npm run test:fuzz -- 1 ${seed} --from ${index}`,
      ].join("\n"),
    )
    .join("\n");
}

/** The page with the table in its place. */
export function withTable(page: string, table: string): string {
  const [before, after] = around(page);
  return `${before}${BEGIN}\n\n${table}\n\n${END}${after}`;
}

/** The table that the page has. */
export function tableIn(page: string): string {
  const [before, after] = around(page);
  return page.slice(before.length + BEGIN.length, page.length - after.length - END.length).trim();
}

function around(page: string): readonly [before: string, after: string] {
  const [before, rest, ...more] = page.split(BEGIN);
  const [, after, ...others] = rest?.split(END) ?? [];
  if (before === undefined || after === undefined || more.length + others.length > 0) {
    throw new Error(`the page must have "${BEGIN}" and "${END}", once and in this order`);
  }
  return [before, after];
}

function numeral(value: number | string): string {
  return typeof value === "number" ? value.toLocaleString("en") : value;
}
