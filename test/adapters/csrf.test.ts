import { describe, expect, test } from "vitest";
import ts from "typescript-5.9";
import { readPage } from "../setup/markdown.ts";
import { read } from "../setup/project.ts";

type IsOurs = (method: string, header: (name: string) => string | null | undefined) => boolean;

/** The function that docs/csrf.md shows, as an application would have it. */
async function documented(): Promise<IsOurs> {
  const { fences } = readPage("docs/csrf.md", read("docs/csrf.md"));
  const fence = fences.find(({ code }) => code[0] === "// same-origin.ts");
  const { outputText } = ts.transpileModule(fence?.code.join("\n") ?? "", {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  const url = `data:text/javascript,${encodeURIComponent(outputText)}`;
  return ((await import(/* @vite-ignore */ url)) as { isOurs: IsOurs }).isOurs;
}

describe("the check that docs/csrf.md shows", () => {
  test.each<readonly [string, string, Readonly<Record<string, string>>, boolean]>([
    ["a page of ours", "POST", { "sec-fetch-site": "same-origin" }, true],
    ["the user's own hand", "POST", { "sec-fetch-site": "none" }, true],
    ["another site", "POST", { "sec-fetch-site": "cross-site" }, false],
    ["a neighbour", "POST", { "sec-fetch-site": "same-site" }, false],
    ["another site that only reads", "GET", { "sec-fetch-site": "cross-site" }, true],
    ["another site, in small letters", "delete", { "sec-fetch-site": "cross-site" }, false],
    ["a method that nobody knows", "MOVE", { "sec-fetch-site": "cross-site" }, false],
    ["a page of ours in an old browser", "POST", { origin: "https://shop.example" }, true],
    ["another site in an old browser", "POST", { origin: "https://evil.example" }, false],
    ["another port in an old browser", "POST", { origin: "https://shop.example:8443" }, false],
    ["a page that hides its origin", "POST", { origin: "null" }, false],
    ["a client that is no browser", "POST", {}, true],
    [
      "another site that speaks well of itself",
      "POST",
      { "sec-fetch-site": "cross-site", origin: "https://shop.example" },
      false,
    ],
  ])("%s", async (_title, method, headers, expected) => {
    const isOurs = await documented();
    const all: Readonly<Record<string, string>> = { host: "shop.example", ...headers };
    expect(isOurs(method, (name) => all[name])).toBe(expected);
  });
});
