// The support table of docs/reports/runtimes.md, as the tests have found it.
import { readFileSync, writeFileSync } from "node:fs";
import { suites } from "./runtimes.mjs";

/** @typedef {import("./test-runtimes.mjs").Result} Result */

const page = new URL("../docs/reports/runtimes.md", import.meta.url);
const BEGIN = "<!-- npm run test:runtimes writes from here -->";
const END = "<!-- to here -->";

/**
 * Writes the table into the page; where nobody would commit it, it must be there already.
 * @param {readonly Result[]} results
 * @param {boolean} inCi
 * @returns {boolean} whether the page is right
 */
export function updatePage(results, inCi) {
  const before = readFileSync(page, "utf8");
  const [head = "", rest = ""] = before.split(BEGIN);
  const [, tail = ""] = rest.split(END);
  const after = `${head}${BEGIN}\n\n${render(results)}\n\n${END}${tail}`;
  if (after === before) return true;
  if (inCi) {
    console.error(
      "docs/reports/runtimes.md is not what was found: npm run test:runtimes writes it",
    );
    return false;
  }
  writeFileSync(page, after);
  console.log("docs/reports/runtimes.md is written");
  return true;
}

/** @param {readonly Result[]} results */
function render(results) {
  return [
    row(["", ...suites.map(({ label }) => label), "application"]),
    row(["", ...suites, ""].map(() => "---")),
    ...results.map(({ version, leftOut }) =>
      row([version, ...leftOut.map((count) => (count === 0 ? "all" : `all but ${count}`)), "all"]),
    ),
    ...results.flatMap(({ runtime: { label, leftOut = [], notes = [] } }) => [
      ...(leftOut.length + notes.length > 0 ? ["", `**${label}**`, ""] : []),
      ...notes.map((note) => `- ${note}`),
      ...leftOut.map(({ title, reason }) => `- Left out: tests with “${title}”: ${reason}.`),
    ]),
  ].join("\n");
}

/** @param {readonly string[]} cells */
function row(cells) {
  return `| ${cells.join(" | ")} |`;
}
