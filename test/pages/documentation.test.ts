/**
 * The pages are true: their code compiles, and their commands, links and files exist.
 *
 * How a page's blocks become programs: see `chaptersOf` in setup/markdown.ts. In short: a block that begins with
 * `// sessions.ts` is that file, a block with an import is a module, any other continues the block before it.
 * Code that only the compiler needs goes into a `<!-- ts ... -->` comment, in front of the block that needs it. A
 * block that cannot compile is marked with its reason: ```ts no-check="what express-session users write".
 */
import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { compile } from "../setup/compile-fences.ts";
import {
  anchorsOf,
  chaptersOf,
  codeSpansOf,
  linksOf,
  readPage,
  unexplained,
  type Page,
} from "../setup/markdown.ts";
import { filesBelow, manifest, read, requireBuilt, root } from "../setup/project.ts";
import { runNode } from "../setup/run.ts";

const pages = [
  ...["README.md", "SECURITY.md", "CHANGELOG.md", "CONTRIBUTING.md", "AGENTS.md"].filter(isThere),
  ...filesBelow("docs")
    .filter((path) => path.endsWith(".md"))
    .map((path) => `docs/${path}`),
].map((path) => readPage(path, read(path)));

describe("the documentation", () => {
  it("the project has its main pages", () => {
    const paths = pages.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(["README.md", "SECURITY.md", "CHANGELOG.md"]));
  });

  it("every code block of a page compiles", async () => {
    requireBuilt();
    expect(await compile(pages.flatMap(chaptersOf), "build/fences")).toEqual([]);
  });

  it("every block that is not compiled gives its reason", () => {
    expect(pages.flatMap(unexplained)).toEqual([]);
  });

  it("the pages name every entry of the package", () => {
    const text = pages.map(({ path }) => read(path)).join("\n");
    const entries = Object.keys(manifest.exports)
      .filter((key) => key !== "./package.json")
      .map((key) => posix.join(manifest.name, key));
    expect(entries.filter((entry) => !new RegExp(`["'\`]${entry}["'\`]`).test(text))).toEqual([]);
  });

  it("every link of a page leads to something that exists", () => {
    expect(pages.flatMap(linkFaults)).toEqual([]);
  });

  it("every file that a page names exists", () => {
    expect(pages.flatMap(fileFaults)).toEqual([]);
  });

  it("no page, script or source names a path of one machine", () => {
    const others = ["src", "scripts", "examples", "bench"].flatMap((folder) =>
      filesBelow(folder).map((path) => `${folder}/${path}`),
    );
    const texts = [...pages.map(({ path }) => path), ...others, "package.json"];
    expect(texts.flatMap((path) => machineFaults(path, read(path)))).toEqual([]);
  });

  describe("commands", () => {
    let help = "";
    beforeAll(async () => {
      requireBuilt();
      const { stdout, stderr } = await runNode(["dist/cli/main.js", "--help"]);
      help = stdout + stderr;
    });

    it("every command that a page names exists", () => {
      expect(pages.flatMap((page) => commandFaults(page, help))).toEqual([]);
    });
  });
});

describe("the checks of the documentation", () => {
  it("the check finds code that does not compile, at its line of the page", async () => {
    const text = [
      "```ts",
      "// numbers.ts: a file with a name",
      "export const one: number = 1;",
      "```",
      "<!-- ts",
      'import { one } from "./numbers.js";',
      "-->",
      "```ts",
      'import { sep } from "node:path";',
      "const three: string = one;",
      "const four: number = one;",
      "```",
      "```js",
      'const { sep } = require("node:path");',
      "sep.nonsense;",
      "```",
      '```ts no-check="it shows a mistake"',
      "const five: string = 5;",
      "```",
      "```ts",
      "// numbers.ts: another one",
      "export const one: string = 1;",
      "```",
    ].join("\n");
    const faults = await compile(
      chaptersOf(readPage("PAGE.md", text)),
      "build/fences-of-a-bad-page",
    );
    expect(faults).toEqual([
      expect.stringMatching(/^PAGE\.md:10: error TS2322/),
      expect.stringMatching(/^PAGE\.md:15: error TS2339/),
      expect.stringMatching(/^PAGE\.md:22: error TS2322/),
    ]);
  });

  it("the check demands a reason for code that is not compiled", () => {
    const why = (info: string): number =>
      unexplained(readPage("PAGE.md", `\`\`\`ts ${info}\n\`\`\``)).length;
    expect(why('no-check="express-session code"')).toBe(0);
    expect(why("")).toBe(0);
    expect(why("no-check")).toBe(1);
    expect(why('no-check=""')).toBe(1);
    expect(why("nocheck fragment")).toBe(1);
  });

  it("the check finds a broken link, a broken anchor and a link out of the project", () => {
    const text =
      "# One `two`, three\n[a](package.json) [b](#one-two-three) [c](https://example.com)\n" +
      "[d](nowhere.md) [e](#nowhere) [f](../package.json) `[g](nothing)`";
    expect(linkFaults(readPage("PAGE.md", text))).toEqual([
      "PAGE.md:3 links to nowhere.md, which does not exist",
      "PAGE.md:3 links to #nowhere, which no heading of PAGE.md has",
      "PAGE.md:3 links to ../package.json, out of the project",
    ]);
  });

  it("the check finds a file that does not exist", () => {
    const text =
      "`src/core/types.ts` `text/html` `sojourn/express` `./data/` `src/nothing/` `notes/a.md`";
    expect(fileFaults(readPage("PAGE.md", text))).toEqual([
      "PAGE.md:1 names src/nothing/, which does not exist",
      "PAGE.md:1 names notes/a.md, which does not exist",
    ]);
  });

  it("the check finds a command that does not exist", () => {
    const text =
      "`npx sojourn secret`\n```sh\nnpx sojourn nonsense\nnpm run build\nnpm run nonsense\nnpm nonsense\n```";
    expect(commandFaults(readPage("PAGE.md", text), "  secret   makes one")).toEqual([
      "PAGE.md:3: npx sojourn nonsense is no command",
      "PAGE.md:5: package.json has no script nonsense",
    ]);
  });

  it("the check finds a path of one machine", () => {
    expect(machineFaults("a.ts", "fine: /login\n/ho".concat("me/me/x"))).toHaveLength(1);
  });
});

function linkFaults(page: Page): string[] {
  return linksOf(page)
    .filter(({ text }) => !/^[a-z][a-z+.-]*:/i.test(text))
    .flatMap(({ text, line }) => {
      const [path = "", anchor] = text.split("#", 2);
      const target =
        path === "" ? page.path : posix.join(posix.dirname(page.path), decodeURI(path));
      const says = `${page.path}:${line} links to ${text}`;
      if (target.startsWith("..") || path.startsWith("/")) return [`${says}, out of the project`];
      if (path !== "" && !isThere(target)) return [`${says}, which does not exist`];
      if (anchor === undefined) return [];
      const there = path === "" ? page : readPage(target, read(target));
      return anchorsOf(there).has(anchor) ? [] : [`${says}, which no heading of ${target} has`];
    });
}

/** Names with a slash in them that look like a file or a folder of this project. `./x` is the reader's own. */
function fileFaults(page: Page): string[] {
  const generated = /^(?:dist|build|node_modules)\//;
  return codeSpansOf(page)
    .filter(({ text }) =>
      /^[\w.-]+(?:\/[\w.-]+)*(?:\/|\/[\w-]+(?:\.\w+)*\.(?:[cm]?[jt]s|md|json))$/.test(text),
    )
    .filter(({ text }) => !/^\.{1,2}\//.test(text) || text.startsWith("../"))
    .filter(({ text }) => !generated.test(text) && !isThere(text))
    .map(({ text, line }) => `${page.path}:${line} names ${text}, which does not exist`);
}

function commandFaults(page: Page, help: string): string[] {
  const lines = [
    ...page.prose,
    ...page.fences.flatMap(({ code, line }) => code.map((text, at) => ({ text, line: line + at }))),
  ];
  return lines.flatMap(({ text, line }) => [
    ...[...text.matchAll(/\bnpx sojourn ([a-z][a-z-]*)/g)]
      .map(([, command = ""]) => command)
      .filter((command) => !new RegExp(`^\\s*(?:(?:npx )?sojourn )?${command}\\b`, "m").test(help))
      .map((command) => `${page.path}:${line}: npx sojourn ${command} is no command`),
    ...[...text.matchAll(/\bnpm (?:run ([\w:-]+)|(start|test)\b)/g)]
      .map(([, script, short]) => script ?? short ?? "")
      .filter((script) => !(script in manifest.scripts))
      .map((script) => `${page.path}:${line}: package.json has no script ${script}`),
  ]);
}

function machineFaults(path: string, text: string): string[] {
  return text
    .split("\n")
    .flatMap((line, index) =>
      /(?<![\w.:/-])\/(?:home|root|work|Users|mnt)\/\w/.test(line)
        ? [`${path}:${index + 1} has a path of somebody's machine`]
        : [],
    );
}

function isThere(path: string): boolean {
  return existsSync(join(root, path));
}
