/** The support table of docs/reports/hosts.md: which host passes which case of the suite. */
import { readFileSync } from "node:fs";
import { hosts } from "./hosts.ts";
import type { TestedHost } from "./hosts.ts";

/** What became of one test. Its name: `Koa 3 with 'a store' > answers > a text carries the cookie`. */
export interface Outcome {
  readonly name: string;
  readonly passed: boolean;
}

/** By group, then by case, then by host: whether all that ran has passed. */
type Results = Map<string, Map<string, Map<string, boolean>>>;

/** The table, from what ran: a skipped test is left out, and shows as not for that host. */
export function tableOf(
  outcomes: readonly Outcome[],
  tested: readonly TestedHost[] = hosts,
): string {
  const place = ({ name }: Outcome): number =>
    tested.findIndex(({ driver }) => driver.name === hostOf(name));
  // Whichever file has run first.
  const results = collect([...outcomes].sort((a, b) => place(a) - place(b)));
  const columns = tested.map(({ driver: { name }, folder }) => `${name}${versionOf(folder)}`);
  const notes: string[] = [];
  const lines = [...results].flatMap(([group, cases]) => [
    `| **${group}** |${" |".repeat(tested.length)}`,
    ...[...cases].map(([title, byHost]) => {
      const cells = tested.map(({ driver }) => {
        const passed = byHost.get(driver.name);
        if (passed !== undefined) return passed ? "✓" : "**✗**";
        const reason = driver.except?.[title];
        if (reason === undefined) return "–";
        if (!notes.includes(reason)) notes.push(reason);
        return `(${notes.indexOf(reason) + 1})`;
      });
      return `| ${title} | ${cells.join(" | ")} |`;
    }),
  ]);
  return [
    `| | ${columns.join(" | ")} |`,
    `|---|${":-:|".repeat(tested.length)}`,
    ...lines,
    ...notes.map((reason, at) => `\n(${at + 1}) ${reason}.`),
  ].join("\n");
}

function collect(outcomes: readonly Outcome[]): Results {
  const results: Results = new Map();
  for (const { name, passed } of outcomes) {
    const [, group = "", ...path] = name.split(" > ");
    const host = hostOf(name);
    const title = path.map(plain).join(": ");
    const cases = results.get(group) ?? new Map<string, Map<string, boolean>>();
    results.set(group, cases);
    const byHost = cases.get(title) ?? new Map<string, boolean>();
    cases.set(title, byHost);
    byHost.set(host, passed && byHost.get(host) !== false);
  }
  return results;
}

function hostOf(name: string): string {
  return name.replace(/ with '.*$/, "");
}

/** How often something is done depends on the store. */
function plain(title: string): string {
  return title
    .replace(/^\d+ /, "")
    .replace(/^when '(.*)'$/, "when $1")
    .replaceAll("|", "\\|")
    .replaceAll("'", "’");
}

function versionOf(folder: string | undefined): string {
  if (folder === undefined) return "";
  const path = new URL(`../../../node_modules/${folder}/package.json`, import.meta.url);
  return `<br>${(JSON.parse(readFileSync(path, "utf8")) as { version: string }).version}`;
}
