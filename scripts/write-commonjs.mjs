// Writes what stands in the place of each entry of dist/ elsewhere: its twin for CommonJS, and its stub for browsers.
//
// The twins of index.js and index.d.ts are index.cjs and index.d.cts beside them.
//
// The code is built once, as ES modules, and `require` loads those on every supported Node: index.cjs is one line.
// TypeScript with "module": "node16" does not know that. Under it a CommonJS file may take only types from an ES
// module, and only with "resolution-mode". So index.d.cts passes the types on, and declares each value anew with
// the type that it has in index.d.ts.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";

/**
 * @typedef {object} Entry
 * @property {{ readonly types: string, readonly default: string }} require
 * @property {string} default
 */

/** The types that the drop-in for express-session has under the name of its function. */
const TYPES = [
  "SessionData",
  "Session",
  "Cookie",
  "Store",
  "MemoryStore",
  "ConnectTableOptions",
  "Options",
];

const root = new URL("../", import.meta.url);
/** @type {{ readonly exports: Readonly<Record<string, Entry | string>> }} */
const manifest = JSON.parse(readFileSync(new URL("package.json", root), "utf8"));

for (const entry of Object.values(manifest.exports)) {
  if (typeof entry === "string") continue;
  const file = JSON.stringify(`./${basename(entry.default)}`);
  /** @type {Readonly<Record<string, unknown>>} */
  const values = await import(new URL(entry.default, root).href);
  writeFileSync(new URL(entry.require.default, root), code(file, values));
  writeFileSync(new URL(entry.require.types, root), declaration(file, values));
  const browser = new URL(entry.default.replace("./dist/", "./dist/browser/"), root);
  mkdirSync(new URL(".", browser), { recursive: true });
  writeFileSync(browser, stub(Object.keys(values)));
}

/**
 * What a bundler for browsers takes in the place of an entry. It has the same names, so that the build succeeds, and the
 * page says what is wrong.
 * @param {readonly string[]} names
 */
function stub(names) {
  return [
    'throw new Error("sojourn runs on the server; import it from server code");',
    "const none = undefined;",
    // A name may be no identifier: "module.exports".
    ...names.map((name) => `export { none as ${JSON.stringify(name)} };`),
    "",
  ].join("\n");
}

/**
 * Node gives what an ES module exports as "module.exports". Jest, for which Babel compiles the module, does not.
 * @param {string} file
 * @param {Readonly<Record<string, unknown>>} values
 */
function code(file, values) {
  if (!("module.exports" in values)) return `module.exports = require(${file});\n`;
  return `const given = require(${file});\nmodule.exports = given["module.exports"] ?? given;\n`;
}

/**
 * @param {string} file
 * @param {Readonly<Record<string, unknown>>} values
 */
function declaration(file, values) {
  const module = `import(${file}, { with: { "resolution-mode": "import" } })`;
  if ("module.exports" in values) return functionDeclaration(file, module);
  const declared = Object.entries(values).flatMap(([name, value]) => [
    `export declare const ${name}: typeof ${module}.${name};`,
    // What is declared here hides what is passed on, so a class needs its type again.
    ...(isClass(value) ? [`export type ${name} = ${module}.${name};`] : []),
  ]);
  const types = `export type * from ${file} with { "resolution-mode": "import" };`;
  return [types, ...declared, ""].join("\n");
}

/**
 * `require` gives the function of the export "module.exports", as `require("express-session")` does. Its types stand under
 * its name.
 * @param {string} file
 * @param {string} module
 */
function functionDeclaration(file, module) {
  return [
    `import type * as types from ${file} with { "resolution-mode": "import" };`,
    'import type theirs = require("express-session");',
    `declare const session: typeof ${module}.default;`,
    "declare namespace session {",
    "  export type SessionOptions = types.Options;",
    "  export type CookieOptions = theirs.CookieOptions;",
    ...TYPES.map((name) => `  export type ${name} = types.${name};`),
    "}",
    "export = session;",
    "",
  ].join("\n");
}

/** @param {unknown} value */
function isClass(value) {
  return typeof value === "function" && String(value).startsWith("class");
}
