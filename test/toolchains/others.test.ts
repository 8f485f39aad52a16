/** What runs TypeScript, and what bundles it. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runNode } from "../setup/run.ts";
import { PRINTED, emptyFolder, install } from "./application.ts";
import type { Installed } from "./application.ts";

let installed: Installed;
beforeAll(async () => {
  installed = await install("others");
});
afterAll(() => installed.remove());

const works = { code: 0, stdout: PRINTED, stderr: "" };

describe("an application that is not compiled beforehand", () => {
  it.each(["commonjs", "node16", "nodenext"])(
    'ts-node runs an application with "module": "%s"',
    async (module) => {
      // So that it finds shop.ts for "./shop.js".
      const tsconfig = { "ts-node": { experimentalResolver: true } };
      const app = installed.application({ compilerOptions: { module }, tsconfig });
      expect(await installed.start(app, "ts-node/dist/bin.js", ["main.ts"])).toEqual(works);
    },
  );

  it.each(["commonjs", "module"] as const)(
    'tsx runs an application with "type": "%s"',
    async (type) => {
      const app = installed.application({ type });
      expect(await installed.start(app, "tsx/dist/cli.mjs", ["main.ts"])).toEqual(works);
    },
  );

  it("vitest runs the application's test", async () => {
    const config = "export default { test: { globals: true } };\n";
    const app = installed.application({ type: "module", files: { "vitest.config.js": config } });
    const { code, stdout, stderr } = await installed.start(app, "vitest/vitest.mjs", ["run"]);
    expect(stdout, stderr).toMatch(/Tests\s+1 passed/);
    expect(code).toBe(0);
  });
});

describe("a bundle that holds the application with all its packages", () => {
  it.each([
    ["cjs", []],
    ["cjs", ["--minify"]],
    // Express is CommonJS and calls `require`, which a bundle of this format has only if it is given.
    [
      "esm",
      [
        "--banner:js=import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
      ],
    ],
  ] as const)("esbuild makes a bundle of the format %s with %j", async (format, more) => {
    const app = installed.application({ type: "module" });
    const bundle = join(emptyFolder(), format === "cjs" ? "bundle.cjs" : "bundle.mjs");
    const options = ["--bundle", "--platform=node", `--format=${format}`, "--log-level=error"];
    const args = ["main.ts", ...options, ...more, `--outfile=${bundle}`];
    const { code, stderr } = await installed.start(app, "esbuild/bin/esbuild", args);
    expect(code, stderr).toBe(0);
    expect(await runNode([bundle])).toEqual(works);
  });

  it.each(["commonjs", "module"] as const)(
    'webpack makes a bundle of an application with "type": "%s"',
    async (type) => {
      const folder = emptyFolder();
      const name = type === "commonjs" ? "bundle.cjs" : "bundle.mjs";
      const module = type === "module";
      const output = { path: folder, filename: name, module };
      const config = `module.exports = {
        mode: "production",
        target: "node20",
        entry: "./main.ts",
        output: ${JSON.stringify(output)},
        experiments: { outputModule: ${module} },
        resolve: { extensions: [".ts", ".js"], extensionAlias: { ".js": [".ts", ".js"] } },
        module: { rules: [{ test: /[.]ts$/, loader: "ts-loader", options: { transpileOnly: true } }] },
      };`;
      const app = installed.application({
        type,
        compilerOptions: { module: "nodenext" },
        files: { "webpack.config.cjs": config },
      });
      const made = await installed.start(app, "webpack/bin/webpack.js");
      expect(made.code, made.stdout + made.stderr).toBe(0);
      expect(await runNode([join(folder, name)])).toEqual(works);
    },
  );
});
