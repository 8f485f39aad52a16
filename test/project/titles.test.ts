/** What a machine can check of CONTRIBUTING's rule that a failed line in a log says by itself what broke. */
import { describe, expect, it } from "vitest";
import { filesBelow, read } from "../setup/project.ts";

const files = filesBelow("test").filter(
  (path) =>
    path.endsWith(".ts") && !path.includes("node_modules/") && path !== "project/titles.test.ts",
);

/** A text before a function: the title of a test, also behind `each([...])` and before its options. */
const TITLE =
  /\(\s*(?<quote>["'`])(?<title>(?:\\.|(?!\k<quote>)[^\\\n])*)\k<quote>,\s*(?:\{[^{}]*\},\s*)?(?:async\s*)?(?:\([^()]*\)|\w+)[^()=;]*=>/g;

/** With such a word a sentence does not begin, unless it leans on the title above. */
const LEANS =
  /^(?:and|are|can|cannot|do|does|has|have|is|may|must|of|should|so that|that|was|were|which|whose) /;

/** So that `npx vitest run -t "L7:"` finds all tests of a law, and not those of L70. */
const WITHOUT_COLON = /^L\d+(?!\d*: )/;

describe("the titles of tests", () => {
  it("every title begins with its own subject", () => {
    expect(faults((title) => LEANS.test(title))).toEqual([]);
  });

  it("the id of a law stands before a colon, so that -t finds it", () => {
    expect(faults((title) => WITHOUT_COLON.test(title))).toEqual([]);
  });

  it("the check finds a title that leans on another, and an id without a colon", () => {
    const source = [
      'it("a log-out wins", () => {});',
      'it("is refused", async () => {});',
      'it.each([["a", 1]])("that %s is refused", { timeout: 1 }, async ([_name, value]) => {});',
      "it(`L7: a late write ${kind} changes nothing`, () => {});",
      'describe("L7 a log-out", () => {});',
    ];
    const titles = titlesIn(source.join("\n"));
    expect(titles.filter((title) => LEANS.test(title))).toEqual([
      "is refused",
      "that %s is refused",
    ]);
    expect(titles.filter((title) => WITHOUT_COLON.test(title))).toEqual(["L7 a log-out"]);
  });
});

function titlesIn(source: string): string[] {
  return [...source.matchAll(TITLE)].map(({ groups }) => groups?.["title"] ?? "");
}

function faults(isFault: (title: string) => boolean): string[] {
  return files.flatMap((path) =>
    titlesIn(read(`test/${path}`))
      .filter(isFault)
      .map((title) => `test/${path}: ${title}`),
  );
}
