/** docs/architecture.md, CONTRIBUTING.md and docs/decisions/: what they name exists, and each law has its tests. */
import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import { describe, expect, it } from "vitest";
import { codeSpansOf, linksOf, readPage } from "../setup/markdown.ts";
import { filesBelow, read, root } from "../setup/project.ts";
import { ROWS } from "../security/support/rows.ts";
import type { Row } from "../security/support/rows.ts";

const PAGE = "docs/architecture.md";
const page = read(PAGE);
const decisions = filesBelow("docs/decisions").filter((path) => path !== "README.md");

/** The laws of the page, and the test files that it names for each. */
const laws = new Map(
  page
    .split("\n")
    .map((line) => /^\| (L\d+) \|(.*)\|([^|]*)\|$/.exec(line))
    .filter((row) => row !== null)
    .map(([, id = "", , files = ""]) => [id, spansOf(files)]),
);

const testFiles = filesBelow("test")
  .filter((path) => path.endsWith(".ts") && path !== "pages/architecture.test.ts")
  .map((path) => `test/${path}`);

describe("the architecture page", () => {
  it("the architecture page names only files, folders and pages that exist", () => {
    expect(missingPaths(PAGE, page)).toEqual([]);
  });

  it("the architecture page names every folder of src", () => {
    const folders = new Set(filesBelow("src").map((path) => posix.dirname(`src/${path}`)));
    const named = new Set(spansOf(page));
    expect([...folders].filter((path) => path !== "src" && !named.has(`${path}/`))).toEqual([]);
  });

  it("the architecture page has 250 lines at most", () => {
    expect(page.split("\n").length).toBeLessThanOrEqual(250);
  });
});

describe("the laws", () => {
  it("each law in the page names its tests", () => {
    expect(laws.size).toBeGreaterThan(10);
    expect([...laws].filter(([, files]) => files.length === 0)).toEqual([]);
  });

  it("each test file that the page names has the id of its law in a title", () => {
    const faults = [...laws].flatMap(([id, files]) =>
      files.filter((file) => !lawsIn(read(file)).has(id)).map((file) => `${file} names no ${id}`),
    );
    expect(faults).toEqual([]);
  });

  it("each law that a test names stands in the page", () => {
    const faults = testFiles.flatMap((file) =>
      [...lawsIn(read(file))].filter((id) => !laws.has(id)).map((id) => `${file} names ${id}`),
    );
    expect(faults).toEqual([]);
  });

  it("the ids are found in titles, and in the rows of the security table", () => {
    const text = [
      'describe("L7: a log-out", () => {});',
      'describe.each(STORES)(\n  "L12: the life of %s",\n  () => {},\n);',
      'row("S3", () => {});',
      'it("reads L1: not a title", () => {});',
    ].join("\n");
    expect([...lawsIn(text)]).toEqual(["L7", "L12", ROWS.S3.law]);
  });
});

describe("the decisions", () => {
  const index = read("docs/decisions/README.md");

  it("the decisions are numbered without a gap, and their index has all of them", () => {
    const links = linksOf(readPage("docs/decisions/README.md", index)).map(({ text }) => text);
    expect(links.filter((link) => /^\d/.test(link))).toEqual(decisions);
    expect(decisions.map((path) => Number(path.slice(0, 3)))).toEqual(
      decisions.map((_, at) => at + 1),
    );
  });

  it.each(decisions)(
    "the decision %s has its parts, on one page, and names what exists",
    (path) => {
      const text = read(`docs/decisions/${path}`);
      const lines = text.trimEnd().split("\n");
      expect(lines[0]).toMatch(new RegExp(`^# ${path.slice(0, 3)}: [A-Z]`));
      const headings = lines.filter((line) => line.startsWith("## "));
      expect(headings.slice(0, 4)).toEqual([
        "## Context",
        "## Decision",
        "## Consequences",
        "## Alternatives",
      ]);
      expect(lines.length).toBeGreaterThanOrEqual(30);
      expect(lines.length).toBeLessThanOrEqual(70);
      expect(missingPaths(`docs/decisions/${path}`, text)).toEqual([]);
    },
  );
});

describe("the page for contributors", () => {
  const text = read("CONTRIBUTING.md");

  it("CONTRIBUTING.md has 120 lines at most, and names what exists", () => {
    expect(text.split("\n").length).toBeLessThanOrEqual(120);
    expect(missingPaths("CONTRIBUTING.md", text)).toEqual([]);
  });

  it("the commands of CONTRIBUTING.md name test files that exist", () => {
    const paths = [...text.matchAll(/npx vitest run ((?:test\/\S+ ?)+)/g)].flatMap(
      ([, files = ""]) => files.trim().split(" "),
    );
    expect(paths.length).toBeGreaterThan(4);
    // Vitest takes a part of a path.
    expect(paths.filter((path) => !testFiles.some((file) => file.includes(path)))).toEqual([]);
  });

  it("CONTRIBUTING.md asks for the Node version that package.json asks for", () => {
    const { engines } = JSON.parse(read("package.json")) as { readonly engines: { node: string } };
    expect(text).toContain(`Node ${engines.node.replace(">=", "")} or later`);
  });
});

/** The laws that stand at the beginning of a title, and those of the rows that a file tests. */
function lawsIn(source: string): ReadonlySet<string> {
  const titles = [...source.matchAll(/\(\s*["'`](L\d+): /g)].map(([, id = ""]) => id);
  const rows = [...source.matchAll(/\brow\("(S\d+)"/g)].map(([, id = ""]) => lawOf(id));
  return new Set([...titles, ...rows].filter((id) => id !== undefined));
}

function lawOf(row: string): string | undefined {
  return (ROWS as Readonly<Record<string, Row>>)[row]?.law;
}

/** What a page links to, or names in backticks as a path of the project, and does not exist. */
function missingPaths(path: string, text: string): string[] {
  const parsed = readPage(path, text);
  const links = linksOf(parsed)
    .map((link) => link.text.replace(/#.*/, ""))
    .filter((link) => link !== "" && !/^[a-z]+:/.test(link))
    .map((link) => posix.join(posix.dirname(path), link));
  const named = spansOf(text).filter((span) =>
    /^(?:src|test|docs|examples|scripts|bench)\/[\w./-]*$/.test(span),
  );
  return [...links, ...named].filter((each) => !existsSync(join(root, each)));
}

function spansOf(text: string): string[] {
  return codeSpansOf(readPage("", text)).map((span) => span.text);
}
