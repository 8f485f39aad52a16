/** Jest, which loads modules in its own way, by the recipe of docs/guide/testing.md. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readPage } from "../setup/markdown.ts";
import { read } from "../setup/project.ts";
import { install } from "./application.ts";
import type { Installed } from "./application.ts";

const page = readPage("docs/guide/testing.md", read("docs/guide/testing.md"));

/** The page's recipe: the block of JSON that has a part "jest". */
const recipe = page.fences
  .filter(({ language }) => language === "json")
  .map(({ code }) => JSON.parse(code.join("\n")) as { jest?: Jest })
  .find(({ jest }) => jest !== undefined)?.jest;

interface Jest {
  readonly transform: Readonly<Record<string, unknown>>;
  readonly transformIgnorePatterns: readonly string[];
}

const { transform = {}, transformIgnorePatterns = [] } = recipe ?? {};

/** Beside the recipe. The modules of the application name each other by `.js`, as TypeScript wants it. */
const common = {
  testMatch: ["**/*.test.ts", "**/*.test.cjs"],
  moduleNameMapper: { "^(\\./.*)\\.js$": ["$1", "$1.js"] },
};
const babel = {
  presets: [["@babel/preset-env", { targets: { node: "20" } }], "@babel/preset-typescript"],
};

/** The drop-in is the function itself, as express-session is. */
const required = `
test("require gives the function", () => {
  const session = require("sojourn/express-session");
  if (typeof session({ secret: "a secret of this test" }) !== "function") throw new Error("no middleware");
});
`;
const files = { "required.test.cjs": required };

/** The recipe with ts-jest in the place of the application's own line. */
function withTsJest(): Readonly<Record<string, unknown>> {
  const [packages] = Object.entries(transform);
  return Object.fromEntries([...(packages ? [packages] : []), ["\\.tsx?$", "ts-jest"]]);
}

describe.each(["29", "30"])("an application with Jest %s", (version) => {
  let installed: Installed;
  beforeAll(async () => {
    installed = await install(`jest-${version}`);
  });
  afterAll(() => installed.remove());

  async function jest(app: string, count = 1, flags: readonly string[] = []): Promise<void> {
    const args = ["--ci", "--no-cache", "--runInBand"];
    const { code, stdout, stderr } = await installed.start(app, "jest/bin/jest.js", args, flags);
    expect(stderr, stdout).toMatch(new RegExp(`Tests:\\s+${count} passed, ${count} total`));
    expect(code).toBe(0);
  }

  it("Babel compiles the application and, by the recipe, the package", async () => {
    const config = { ...common, transform, transformIgnorePatterns };
    await jest(installed.application({ manifest: { babel, jest: config }, files }), 2);
  });

  it("ts-jest compiles the application, and the recipe the package", async () => {
    const config = { ...common, transform: withTsJest(), transformIgnorePatterns };
    const compilerOptions = { module: "commonjs" };
    await jest(installed.application({ manifest: { jest: config }, compilerOptions, files }), 2);
  });

  it("the recipe finds the package where pnpm puts it", async () => {
    const config = { ...common, transform, transformIgnorePatterns };
    const app = installed.application({ manifest: { babel, jest: config } });
    installed.likePnpm(app);
    await jest(app);
  });

  it("tests that run as ES modules need no recipe", async () => {
    const modules = {
      extensionsToTreatAsEsm: [".ts"],
      transform: { "\\.ts$": ["ts-jest", { useESM: true }] },
    };
    const app = installed.application({
      type: "module",
      manifest: { jest: { ...common, ...modules } },
      compilerOptions: { module: "nodenext" },
    });
    await jest(app, 1, ["--experimental-vm-modules"]);
  });
});
