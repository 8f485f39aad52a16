import { describe, expect, it } from "vitest";
import {
  coreOrderFaults,
  crowdFaults,
  cycleFaults,
  indexFaults,
  layerFaults,
  lengthFaults,
  packageFaults,
  privacyFaults,
  reachFaults,
  useFaults,
} from "../setup/architecture.ts";
import { filesBelow, manifest } from "../setup/project.ts";
import { parse, readSources } from "../setup/source-graph.ts";

const sources = readSources();

/** The source files behind package.json's exports and bin. */
const entries = [
  ...Object.values(manifest.exports).map((entry) =>
    typeof entry === "string" ? entry : entry.default,
  ),
  ...Object.values(manifest.bin),
]
  .map((path) => /^(?:\.\/)?dist\/(.+)\.js$/.exec(path)?.[1])
  .filter((path) => path !== undefined)
  .map((path) => `${path}.ts`);

describe("the source tree", () => {
  it("the source tree has files", () => {
    expect(sources.length).toBeGreaterThan(5);
    expect(sources.flatMap((file) => file.imports).length).toBeGreaterThan(5);
  });

  it("each layer imports only the layers that it may", () => {
    expect(layerFaults(sources)).toEqual([]);
  });

  it("each folder of the core imports only the folders that come before it", () => {
    expect(coreOrderFaults(sources)).toEqual([]);
  });

  it("each import names the file that owns a name, and never an index", () => {
    expect(indexFaults(sources)).toEqual([]);
  });

  it("the imports that run have no circle", () => {
    expect(cycleFaults(sources)).toEqual([]);
  });

  it("each package is loaded only where it is allowed", () => {
    expect(packageFaults(sources)).toEqual([]);
  });

  it("the source has one clock, no dice but the crypto module's, and no top-level await", () => {
    expect(useFaults(sources)).toEqual([]);
  });

  it("no file is too long to read in one go", () => {
    expect(lengthFaults(sources)).toEqual([]);
  });

  it("private folders are private", () => {
    expect(privacyFaults(sources)).toEqual([]);
  });

  it("no folder is too full to find a file in, in the tests as well", () => {
    const isOthers = /(?:^|\/)node_modules\/|^tools\/build\//;
    const tests = filesBelow("test").filter((path) => !isOthers.test(path));
    expect(crowdFaults(sources.map(({ path }) => `src/${path}`))).toEqual([]);
    expect(crowdFaults(tests.map((path) => `test/${path}`))).toEqual([]);
  });

  it("an entry reaches every file, and every entry has a file", () => {
    expect(reachFaults(sources, entries)).toEqual([]);
  });
});

describe("the rules of the architecture themselves", () => {
  it("the rules refuse an import against the layers, even of types", () => {
    expect(
      layerFaults([parse("core/load.ts", `import type { A } from "../stores/table.ts";`)]),
    ).toEqual(["src/core/load.ts:1 imports stores/table.ts: core may import only itself"]);
    expect(
      layerFaults([parse("crypto/seal.ts", `export { a } from "../core/errors-of-mine.ts";`)]),
    ).toEqual([
      "src/crypto/seal.ts:1 imports core/errors-of-mine.ts: crypto may import only core/errors.ts and itself",
    ]);
    expect(
      layerFaults([parse("adapters/x.ts", `type A = import("../stores/table.ts").A;`)]),
    ).toHaveLength(1);
    expect(layerFaults([parse("cli/main.ts", `await import("../adapters/x.ts");`)])).toHaveLength(
      1,
    );
  });

  it("the rules refuse a folder that has no rule", () => {
    expect(layerFaults([parse("utils/all.ts", "")])).toEqual([
      "src/utils/all.ts: utils is no layer of this project",
    ]);
  });

  it("the rules let through what the layers allow", () => {
    expect(
      layerFaults([
        parse("crypto/seal.ts", `import { SessionError } from "../core/errors.ts";`),
        parse("stores/table.ts", `import { seal } from "../crypto/seal.ts"; import "./codec.ts";`),
        parse("adapters/dynamo/app.ts", `import { tableStore } from "../../stores/table.ts";`),
      ]),
    ).toEqual([]);
  });

  it("the rules refuse an import against the order of the core, and let the words of all folders through", () => {
    expect(
      coreOrderFaults([parse("core/load/a.ts", `import type { B } from "../commit/b.ts";`)]),
    ).toEqual([
      "src/core/load/a.ts:1 imports core/commit/b.ts: core/load comes before core/commit",
    ]);
    expect(
      coreOrderFaults([
        parse("core/commit/b.ts", `import "../load/a.ts"; import "./c.ts"; import "../errors.ts";`),
        parse("core/sessions.ts", `import "./request/a.ts";`),
      ]),
    ).toEqual([]);
  });

  it("the rules refuse an import of an index", () => {
    expect(indexFaults([parse("testing/a.ts", `import { a } from "../index.ts";`)])).toEqual([
      "src/testing/a.ts:1 imports index.ts: import the file that owns the name",
    ]);
  });

  it("the rules refuse a circle that runs, and only that", () => {
    const b = parse("core/b.ts", `export * from "./c.ts";`);
    const c = parse("core/c.ts", `import { a } from "./a.ts";`);
    expect(cycleFaults([parse("core/a.ts", `import { b } from "./b.ts";`), b, c])).toEqual([
      "a circle of imports: core/a.ts -> core/b.ts -> core/c.ts -> core/a.ts",
    ]);
    expect(cycleFaults([parse("core/a.ts", `import type { b } from "./b.ts";`), b, c])).toEqual([]);
    // This one still loads the module.
    expect(
      cycleFaults([parse("core/a.ts", `import { type b } from "./b.ts";`), b, c]),
    ).toHaveLength(1);
  });

  it("the rules refuse a package in the wrong file, or loaded where its types alone are allowed", () => {
    expect(packageFaults([parse("core/a.ts", `import { stringify } from "devalue";`)])).toEqual([
      "src/core/a.ts:1 imports devalue: this file may not load it",
    ]);
    expect(
      packageFaults([parse("adapters/hono.ts", `import { Hono } from "hono/tiny";`)]),
    ).toHaveLength(1);
    expect(packageFaults([parse("adapters/koa.ts", `declare module "express" {}`)])).toHaveLength(
      1,
    );
    expect(packageFaults([parse("core/a.ts", `import { sep } from "path";`)])).toHaveLength(1);
    expect(
      packageFaults([
        parse("adapters/hono.ts", `import type { Context } from "hono"; declare module "hono" {}`),
        parse("adapters/dynamo.ts", `import { Hono } from "hono";`),
        parse("core/data/codec.ts", `import { stringify } from "devalue"; import "node:crypto";`),
      ]),
    ).toEqual([]);
  });

  it("the rules refuse a second clock, dice and a top-level await, and no comment about them", () => {
    const faults = (path: string, text: string): number => useFaults([parse(path, text)]).length;
    expect(faults("core/load.ts", "const now = Date.now;")).toBe(1);
    expect(faults("core/load.ts", "const a = () => new Date().getTime();")).toBe(1);
    expect(faults("core/load.ts", "const a = Math.random();")).toBe(1);
    expect(faults("core/load.ts", "const a = await b;")).toBe(1);
    expect(faults("core/options/read-options.ts", "const now = given ?? Date.now;")).toBe(0);
    expect(faults("core/options/read-options.ts", "const a = Date.now; const b = Date.now;")).toBe(
      1,
    );
    expect(
      faults("core/load.ts", "/* Date.now() */ const a = new Date(0); async () => { await b; };"),
    ).toBe(0);
  });

  it("the rules refuse a long file", () => {
    expect(lengthFaults([parse("core/a.ts", "\n".repeat(301))])).toEqual([
      "src/core/a.ts has 301 lines: 300 at most, better 200",
    ]);
    expect(lengthFaults([parse("core/a.ts", "\n".repeat(300))])).toEqual([]);
  });

  it("the rules refuse an import of a private file from outside the folder above it", () => {
    const source = `import { a } from "../adapters/_node/a.ts";`;
    expect(privacyFaults([parse("core/a.ts", source)])).toEqual([
      "src/core/a.ts:1 imports adapters/_node/a.ts: what begins with _ is private to src/adapters",
    ]);
    expect(privacyFaults([parse("adapters/a.ts", `import "./_node/a.ts";`)])).toEqual([]);
    expect(privacyFaults([parse("adapters/_web/a.ts", `import "../_node/a.ts";`)])).toEqual([]);
  });

  it("the rules refuse a crowded folder", () => {
    const paths = Array.from({ length: 17 }, (_, at) => `src/core/${at}.ts`);
    expect(crowdFaults(paths)).toEqual(["src/core has 17 files: 16 at most"]);
    expect(crowdFaults([...paths.slice(1), "src/crypto/a.ts"])).toEqual([]);
  });

  it("the rules refuse a file out of reach, and an entry without a file", () => {
    const files = [
      parse("index.ts", `export type * from "./core/a.ts";`),
      parse("core/a.ts", ""),
      parse("core/b.ts", ""),
    ];
    expect(reachFaults(files, ["index.ts", "adapters/x.ts"])).toEqual([
      "package.json promises src/adapters/x.ts, which does not exist",
      "src/core/b.ts is reached from no entry of package.json: export it or remove it",
    ]);
  });
});
