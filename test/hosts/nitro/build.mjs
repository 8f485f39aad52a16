/**
 * Builds an application with a Nitro of test/tools, in a process of its own.
 *
 * node build.mjs NITRO FOLDER: the package that builds, and the folder that has the application and gets `.output`
 */
import process from "node:process";
import { fileURLToPath } from "node:url";
import { load } from "../../tools/load.mjs";

const [, , builder = "", rootDir = ""] = process.argv;
const project = (/** @type {string} */ path) =>
  fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const { createNitro, prepare, build } = /** @type {any} */ (await load(builder));
const nitro = await createNitro({
  rootDir,
  serverDir: ".",
  srcDir: ".",
  preset: "node-server",
  compatibilityDate: "2026-01-01",
  logLevel: 1,
  telemetry: false,
  typescript: { generateTsConfig: false },
  alias: {
    "sojourn/h3": project("dist/adapters/h3.js"),
    sojourn: project("dist/index.js"),
    // Nitro 2 has h3 1, and so has its application. Elsewhere in this project h3 is h3 2.
    ...(builder === "nitropack" && { h3: project("node_modules/h3-1/dist/index.mjs") }),
  },
});
await prepare(nitro);
await build(nitro);
await nitro.close();
