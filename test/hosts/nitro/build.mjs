/**
 * Builds an application with a Nitro of test/tools, in a process of its own.
 *
 * node build.mjs NITRO FOLDER [PRESET]: the package that builds, the folder that has the application and gets `.output`,
 * and the platform
 */
import process from "node:process";
import { fileURLToPath } from "node:url";
import { load } from "../../tools/load.mjs";

const [, , builder = "", rootDir = "", preset = "node-server"] = process.argv;
const project = (/** @type {string} */ path) =>
  fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const { createNitro, prepare, build } = /** @type {any} */ (await load(builder));
const nitro = await createNitro({
  rootDir,
  serverDir: ".",
  srcDir: ".",
  preset,
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
