// Prints how large a server's bundle is, and which parts of it are how large: npm run count:bytes
import { relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { load } from "../test/tools/load.mjs";

/** It is installed by `npm run test:setup` only, and types of it are there only then. */
const { build } = /** @type {any} */ (await load("esbuild"));
const root = fileURLToPath(new URL("..", import.meta.url));

/** @type {Readonly<Record<string, string>>} */
const programs = {
  "sealed cookies": `
    import { cookieStore, createSessions } from "sojourn";
    export const sessions = createSessions({ store: cookieStore({ secret: process.env.SECRET }), key: "__Host-s" });`,
  "sealed cookies, sojourn/fetch": `
    import { cookieStore, createSessions } from "sojourn";
    import { session } from "sojourn/fetch";
    const sessions = createSessions({ store: cookieStore({ secret: process.env.SECRET }), key: "__Host-s" });
    export const handler = session(sessions, () => new Response());`,
  "sealed cookies, sojourn/adapter": `
    import { cookieStore, createSessions } from "sojourn";
    import { withSession } from "sojourn/adapter";
    const sessions = createSessions({ store: cookieStore({ secret: process.env.SECRET }), key: "__Host-s" });
    export const handler = (request) => withSession(sessions, request, () => new Response());`,
  "a table, sojourn/fetch": `
    import { createSessions, createTable, tableStore } from "sojourn";
    import { session } from "sojourn/fetch";
    const sessions = createSessions({ store: tableStore({ table: createTable() }), key: "__Host-s" });
    export const handler = session(sessions, () => new Response());`,
};

for (const [name, contents] of Object.entries(programs)) {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    write: false,
    metafile: true,
    outfile: "bundle.mjs",
  });
  const bytes = outputFiles[0]?.contents ?? new Uint8Array();
  console.log(`\n${name}: ${kilo(bytes.length)}, gzipped ${kilo(gzipSync(bytes).length)}`);
  const parts = new Map();
  for (const output of Object.values(metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(output.inputs)) {
      const part = partOf(path);
      parts.set(part, (parts.get(part) ?? 0) + bytesInOutput);
    }
  }
  for (const [part, size] of [...parts].toSorted(([, a], [, b]) => b - a)) {
    if (size > 0) console.log(`  ${kilo(size).padStart(8)}  ${part}`);
  }
}

/** The folder of a file in src, or the package of another. @param {string} path */
function partOf(path) {
  const parts = relative(root, `${root}${path}`).split(sep);
  if (parts[0] === "node_modules") return parts[1];
  if (parts[0] !== "dist") return "the application";
  return parts.slice(1, Math.min(3, parts.length - 1)).join("/") || "sojourn itself";
}

/** @param {number} bytes */
function kilo(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
