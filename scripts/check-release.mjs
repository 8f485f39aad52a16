// Runs before `npm publish`, and refuses it while the project has no public address.
import { readFileSync } from "node:fs";
import process from "node:process";
import { missingForRelease } from "./release.mjs";

const read = (/** @type {string} */ path) =>
  readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
const missing = missingForRelease(JSON.parse(read("package.json")), read("SECURITY.md"));
for (const each of missing) console.error(`Not published: ${each}.`);
if (missing.length > 0) process.exitCode = 1;
