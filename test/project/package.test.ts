import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { missingFromLock } from "../../scripts/lockfile.mjs";
import { missingForRelease } from "../../scripts/release.mjs";
import { linksOf, readPage } from "../setup/markdown.ts";
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
  it("the tarball holds the code, its sources and its pages, and nothing else", () => {
    const belongs =
      /^(?:package\.json|LICENSE|(?:README|SECURITY|CHANGELOG|CONTRIBUTING)\.md|docs\/.+\.(?:md|svg)|dist\/.+\.(?:(?:js|d\.ts)(?:\.map)?|cjs|d\.cts)|dist\/sbom\.cdx\.json|src\/.+\.ts)$/;
    expect(packed.filter((path) => !belongs.test(path) || /\.test\./.test(path))).toEqual([]);
    const needed = ["package.json", "README.md", "LICENSE", "SECURITY.md", "CHANGELOG.md"];
    expect(needed.filter((path) => !packed.includes(path))).toEqual([]);
  });

  it("the tarball holds every page and picture that the readme links to", () => {
    const links = linksOf(readPage("README.md", read("README.md")))
      .map(({ text }) => text.split("#")[0] ?? "")
      .filter((path) => path !== "" && !/^[a-z]+:/.test(path));
    expect(links.length).toBeGreaterThan(10);
    expect(links.filter((path) => !packed.includes(path))).toEqual([]);
  });

  it("every entry has a twin for CommonJS, a stub for browsers, and types for the old module resolution", () => {
    const all = Object.entries(manifest.exports).filter(([key]) => key !== "./package.json");
    const beside = (path: string, ending: string): string => path.replace(/\.js$/, ending);
    const stubOf = (path: string): string => path.replace("./dist/", "./dist/browser/");
    for (const [key, entry] of all) {
      const { default: file } = entry as { default: string };
      expect(entry, key).toEqual({
        require: { types: beside(file, ".d.cts"), default: beside(file, ".cjs") },
        types: beside(file, ".d.ts"),
        browser: { workerd: file, "edge-light": file, default: stubOf(file) },
        default: file,
      });
      expect(packed).toContain(posix.normalize(stubOf(file)));
      expect(packed).toContain(posix.normalize(beside(file, ".d.cts")));
    }
    const { main, types, typesVersions } = JSON.parse(read("package.json")) as {
      main: string;
      types: string;
      typesVersions: { "*": Record<string, string[]> };
    };
    const old = { ".": [types] } as Record<string, string[]>;
    for (const [key, files] of Object.entries(typesVersions["*"])) old[`./${key}`] = files;
    expect(old).toEqual(
      Object.fromEntries(all.map(([key, entry]) => [key, [(entry as { types: string }).types]])),
    );
    expect(main).toBe(beside(types, "").replace(/\.d\.ts$/, ".js"));
  });

  it("the tarball holds every source that its maps point to", () => {
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

  it("the package runs no script when it is installed", () => {
    const surprising = ["preinstall", "install", "postinstall", "prepare", "preprepare"];
    expect(Object.keys(manifest.scripts).filter((name) => surprising.includes(name))).toEqual([]);
  });

  it("the package passes publint", async () => {
    const { code, stdout, stderr } = await runNode([
      "test/tools/node_modules/publint/src/cli.js",
      "run",
      tarball,
      "--strict",
    ]);
    expect(code, stdout + stderr).toBe(0);
  });

  it("every kind of TypeScript project gets the right types", async () => {
    const { code, stdout, stderr } = await runNode([
      "test/tools/node_modules/@arethetypeswrong/cli/dist/index.js",
      tarball,
      "--no-definitely-typed",
    ]);
    expect(code, stdout + stderr).toBe(0);
  });
});

describe("a release", () => {
  const address = "https://project.example";
  const complete = { repository: { url: address }, homepage: address, bugs: { url: address } };
  const page = (text: string): string =>
    `# Security\n\n## Report a weakness\n\n${text}\n\n## Next\n`;

  it("a release is allowed if the project says where it is and where a weakness is reported", () => {
    expect(missingForRelease(complete, page(`Write to ${address}/advisories.`))).toEqual([]);
    const mail = { ...complete, repository: address, bugs: { email: "bugs@project.example" } };
    expect(missingForRelease(mail, page("Write to security@project.example."))).toEqual([]);
  });

  it("a release is refused by the name of each thing that is missing", () => {
    const elsewhere = `${page("There is no address yet.")}${address}`;
    expect(missingForRelease({}, elsewhere)).toEqual([
      'package.json has no "repository"',
      'package.json has no "homepage"',
      'package.json has no "bugs"',
      'SECURITY.md names no address under "Report a weakness"',
    ]);
    expect(missingForRelease({ ...complete, bugs: {} }, "")).toHaveLength(2);
  });

  it("a release is checked before npm publishes, and at no other time", async () => {
    expect(manifest.scripts["prepublishOnly"]).toBe("node scripts/check-release.mjs");
    const missing = missingForRelease(JSON.parse(read("package.json")), read("SECURITY.md"));
    const { code, stderr } = await runNode(["scripts/check-release.mjs"]);
    expect(stderr).toBe(missing.map((each) => `Not published: ${each}.\n`).join(""));
    expect(code).toBe(missing.length > 0 ? 1 : 0);
  });
});

const toolchains = ["jest-29", "jest-30", "others"].map(
  (name) => `test/toolchains/packages/${name}/package-lock.json`,
);

describe.each([
  "package-lock.json",
  "test/tools/package-lock.json",
  "test/libraries/packages/package-lock.json",
  ...toolchains,
])("the lock file %s", (path) => {
  const lock = JSON.parse(read(path)) as Parameters<typeof missingFromLock>[0] & {
    packages: Record<string, { resolved?: string }>;
  };

  it("the lock file names the optional packages of every platform, or npm ci refuses it", () => {
    const remedy = 'run "node scripts/complete-lockfile.mjs"';
    expect(
      missingFromLock(lock).map(({ place }) => place),
      remedy,
    ).toEqual([]);
  });

  it("the lock file names no registry", () => {
    const bound = Object.entries(lock.packages).filter(([, entry]) => entry.resolved !== undefined);
    expect(bound.map(([place]) => place)).toEqual([]);
  });
});

describe("an application with the package and no framework", () => {
  it("the application has nothing installed but the package and its one dependency", async () => {
    const { stdout } = await run("npm", ["ls", "--all", "--parseable"], { cwd: app });
    const names = stdout
      .trim()
      .split("\n")
      .slice(1)
      .map((path) => path.replaceAll("\\", "/").split("/node_modules/").at(-1) ?? path);
    expect(names.toSorted()).toEqual(["devalue", "sojourn"]);
  });

  it.each(["import", "require"])(
    "the application loads createSessions by %s, without a warning",
    async (way) => {
      const program = `${way === "import" ? "await import" : "require"}("sojourn")`;
      expect(await evaluate(way, `console.log(typeof (${program}).createSessions)`)).toEqual({
        code: 0,
        stdout: "function\n",
        stderr: "",
      });
    },
  );

  it("the application finds every entry, and loads all that need no framework", async () => {
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

  it("the application runs the command line", async () => {
    const { code, stdout, stderr } = await run(join(app, "node_modules/.bin/sojourn"), ["secret"], {
      cwd: app,
    });
    expect(code, stderr).toBe(0);
    // A secret is at least 32 bytes.
    expect(stdout).toMatch(/[\w-]{43,}/);
  });
});

describe("an application with every framework", () => {
  it.each(entries)("the application loads %s", async (entry) => {
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
