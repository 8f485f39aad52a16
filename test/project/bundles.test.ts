/** What bundlers and tools that copy an application make of `sojourn/lmdb`, whose package has a native part. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { load } from "../tools/load.mjs";
import { requireBuilt, root } from "../setup/project.ts";
import { run, runNode } from "../setup/run.ts";

interface Esbuild {
  build(options: Readonly<Record<string, unknown>>): Promise<unknown>;
}

interface FileTrace {
  nodeFileTrace(
    files: readonly string[],
    options: { readonly base: string },
  ): Promise<{ readonly fileList: ReadonlySet<string> }>;
}

const PROGRAM = `
  import { createSessions, tableStore } from "sojourn";
  import { lmdbTable } from "sojourn/lmdb";
  import { cookieFor } from "sojourn/testing";
  (async () => {
    try {
      const table = lmdbTable({ path: process.argv[2] });
      const sessions = createSessions({ store: tableStore({ table }), key: "__Host-sid" });
      const cookie = await cookieFor(sessions, { user: "ada" });
      console.log((await sessions.read({ cookie })).get("user"));
      await table.close();
    } catch ({ code, message }) {
      console.log(code, message);
    }
  })();`;

let folder: string;
let inProject: string;

beforeAll(() => {
  requireBuilt();
  folder = mkdtempSync(join(tmpdir(), "sojourn-bundles-"));
  inProject = join(root, "build/bundles");
  rmSync(inProject, { recursive: true, force: true });
  mkdirSync(inProject, { recursive: true });
  writeFileSync(join(inProject, "main.mjs"), PROGRAM);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function bundle(format: "cjs" | "esm"): Promise<string> {
  const esbuild = (await load("esbuild")) as Esbuild;
  const outfile = join(inProject, `bundle.${format === "cjs" ? "cjs" : "mjs"}`);
  await esbuild.build({
    entryPoints: [join(inProject, "main.mjs")],
    bundle: true,
    minify: true,
    platform: "node",
    format,
    outfile,
    logLevel: "error",
  });
  return outfile;
}

async function say(file: string): Promise<string> {
  const { stdout, stderr } = await runNode([file, mkdtempSync(join(folder, "data-"))]);
  return stdout + stderr;
}

describe.each(["cjs", "esm"] as const)("a bundle of esbuild, as %s", (format) => {
  it("the bundle has its sessions in LMDB, where lmdb is installed beside it", async () => {
    expect(await say(await bundle(format))).toBe("ada\n");
  });

  it("the error says what to do, where the bundle has left lmdb behind", async () => {
    const away = mkdtempSync(join(folder, "away-"));
    const file = join(away, format === "cjs" ? "bundle.cjs" : "bundle.mjs");
    cpSync(await bundle(format), file);
    expect(await say(file)).toMatch(
      /^ERR_SESSION_CONFIG .* run: npm install lmdb\. If it is installed, a bundler has left it behind: mark lmdb as external/,
    );
  });
});

describe("a bundle for a browser", () => {
  const source = `import { createSessions } from "sojourn"; createSessions({});`;

  async function bundleFor(conditions: readonly string[]): Promise<string> {
    const esbuild = (await load("esbuild")) as Esbuild;
    const entry = join(inProject, "client.mjs");
    writeFileSync(entry, source);
    const outfile = join(inProject, `client-${conditions.join("-")}.mjs`);
    await esbuild.build({
      entryPoints: [entry],
      bundle: true,
      format: "esm",
      platform: "neutral",
      conditions,
      external: ["node:*"],
      outfile,
      logLevel: "error",
    });
    return outfile;
  }

  it("a client that imports server code fails with words that say so", async () => {
    const { stderr } = await runNode([await bundleFor(["browser"])]);
    expect(stderr).toContain("sojourn runs on the server; import it from server code");
  });

  it("workers that resolve packages as browsers do get the package itself", async () => {
    for (const worker of ["workerd", "edge-light"]) {
      const { stderr } = await runNode([await bundleFor(["browser", worker])]);
      expect(stderr).toContain("ERR_SESSION_CONFIG");
    }
  });
});

describe("an application that is copied by what its files import", () => {
  it("the copy has the code of lmdb", async () => {
    // Outside the project: from within, the package itself is no package in node_modules.
    const app = mkdtempSync(join(folder, "app-"));
    mkdirSync(join(app, "node_modules"));
    const quiet = ["--ignore-scripts", "--json", "--pack-destination", app];
    const { stdout } = await run("npm", ["pack", ...quiet]);
    const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
    mkdirSync(join(app, "node_modules/sojourn"));
    const unpack = ["xzf", join(app, filename), "--strip-components=1"];
    await run("tar", [...unpack, "-C", join(app, "node_modules/sojourn")]);
    for (const name of ["devalue", "lmdb", "@lmdb"]) {
      symlinkSync(join(root, "node_modules", name), join(app, "node_modules", name));
    }
    writeFileSync(join(app, "main.mjs"), PROGRAM);
    const { nodeFileTrace } = (await load("@vercel/nft")) as FileTrace;
    const { fileList } = await nodeFileTrace([join(app, "main.mjs")], { base: "/" });
    const needed = [...fileList].filter((path) =>
      /node_modules\/lmdb\/(node-index|open)\.js$/.test(path),
    );
    expect(needed).toHaveLength(2);
  });
});
