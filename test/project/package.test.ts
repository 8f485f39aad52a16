import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { missingFromLock } from "../../scripts/lockfile.mjs";
import { pack } from "../setup/pack.ts";
import { manifest, read } from "../setup/project.ts";
import { run, runNode } from "../setup/run.ts";

/** `sojourn`, `sojourn/express`, ... */
const entries = Object.keys(manifest.exports)
  .filter((key) => key !== "./package.json")
  .map((key) => posix.join(manifest.name, key));

/** The one entry that is made of a framework and not only for one. */
const NEEDS_A_FRAMEWORK = "sojourn/dynamo";

let folder: string;
let tarball: string;
let packed: readonly string[];
let app: string;

beforeAll(async () => {
  // Outside the project, so that nothing is found in a node_modules further up.
  folder = mkdtempSync(join(tmpdir(), "sojourn-package-"));
  ({ tarball, packed } = await pack(folder));

  app = join(folder, "app");
  mkdirSync(app);
  writeFileSync(join(app, "package.json"), '{ "private": true }');
  const quiet = ["--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"];
  const install = await run("npm", ["install", tarball, ...quiet], { cwd: app });
  expect(install.code, install.stderr).toBe(0);
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("the tarball", () => {
  it("holds the code, its sources, the licence and the readme, and nothing else", () => {
    const belongs =
      /^(?:package\.json|README\.md|LICENSE|dist\/.+\.(?:(?:js|d\.ts)(?:\.map)?|cjs|d\.cts)|src\/.+\.ts)$/;
    expect(packed.filter((path) => !belongs.test(path) || /\.test\./.test(path))).toEqual([]);
    const needed = ["package.json", "README.md", "LICENSE"];
    expect(needed.filter((path) => !packed.includes(path))).toEqual([]);
  });

  it("holds every source that its maps point to", () => {
    const maps = packed.filter((path) => path.endsWith(".map"));
    expect(maps.length).toBeGreaterThan(0);
    const lost = maps.flatMap((path) => {
      const { sources, sourceRoot = "" } = JSON.parse(read(path)) as {
        sources: string[];
        sourceRoot?: string;
      };
      return sources
        .map((source) => posix.join(posix.dirname(path), sourceRoot, source))
        .filter((source) => !packed.includes(source));
    });
    expect(lost).toEqual([]);
  });

  it("runs no script when it is installed", () => {
    const surprising = ["preinstall", "install", "postinstall", "prepare", "preprepare"];
    expect(Object.keys(manifest.scripts).filter((name) => surprising.includes(name))).toEqual([]);
  });

  it("passes publint", async () => {
    const { code, stdout, stderr } = await runNode([
      "node_modules/publint/src/cli.js",
      "run",
      tarball,
      "--strict",
    ]);
    expect(code, stdout + stderr).toBe(0);
  });

  it("gives every kind of TypeScript project the right types", async () => {
    const { code, stdout, stderr } = await runNode([
      "node_modules/@arethetypeswrong/cli/dist/index.js",
      tarball,
      "--no-definitely-typed",
    ]);
    expect(code, stdout + stderr).toBe(0);
  });
});

describe("package-lock.json", () => {
  const lock = JSON.parse(read("package-lock.json")) as Parameters<typeof missingFromLock>[0] & {
    packages: Record<string, { resolved?: string }>;
  };

  it("names the optional packages of every platform, or npm ci refuses it", () => {
    const remedy = 'run "node scripts/complete-lockfile.mjs"';
    expect(
      missingFromLock(lock).map(({ place }) => place),
      remedy,
    ).toEqual([]);
  });

  it("names no registry", () => {
    const bound = Object.entries(lock.packages).filter(([, entry]) => entry.resolved !== undefined);
    expect(bound.map(([place]) => place)).toEqual([]);
  });
});

describe("an application with the package and no framework", () => {
  it("has nothing installed but the package and its one dependency", async () => {
    const { stdout } = await run("npm", ["ls", "--all", "--parseable"], { cwd: app });
    const names = stdout
      .trim()
      .split("\n")
      .slice(1)
      .map((path) => path.replaceAll("\\", "/").split("/node_modules/").at(-1) ?? path);
    expect(names.toSorted()).toEqual(["devalue", "sojourn"]);
  });

  it.each(["import", "require"])("loads createSessions by %s, without a warning", async (way) => {
    const program = `${way === "import" ? "await import" : "require"}("sojourn")`;
    expect(await evaluate(way, `console.log(typeof (${program}).createSessions)`)).toEqual({
      code: 0,
      stdout: "function\n",
      stderr: "",
    });
  });

  it("finds every entry, and loads all that need no framework", async () => {
    for (const entry of entries.filter((each) => each !== NEEDS_A_FRAMEWORK)) {
      expect(await evaluate("import", `await import("${entry}")`), entry).toMatchObject({
        code: 0,
      });
      expect(await evaluate("require", `require("${entry}")`), entry).toMatchObject({ code: 0 });
    }
    const all = [...entries, `${manifest.name}/package.json`];
    for (const entry of all) {
      const find = `const { existsSync } = await import("node:fs");
        if (!existsSync(new URL(import.meta.resolve("${entry}")))) process.exit(1);`;
      expect(await evaluate("import", find), entry).toMatchObject({ code: 0, stderr: "" });
    }
  });

  it("runs the command line", async () => {
    const { code, stdout, stderr } = await run(join(app, "node_modules/.bin/sojourn"), ["secret"], {
      cwd: app,
    });
    expect(code, stderr).toBe(0);
    // A secret is at least 32 bytes.
    expect(stdout).toMatch(/[\w-]{43,}/);
  });
});

describe("an application with every framework", () => {
  it.each(entries)("loads %s", async (entry) => {
    // The project itself is one: it has them all and may use its own name.
    const { code, stderr } = await runNode([
      "--input-type=module",
      "-e",
      `await import("${entry}")`,
    ]);
    expect(code, stderr).toBe(0);
  });
});

function evaluate(way: string, program: string): ReturnType<typeof runNode> {
  const type = way === "import" ? "module" : "commonjs";
  return runNode([`--input-type=${type}`, "-e", program], { cwd: app });
}
