// Run it after `npm install` has changed a package-lock.json: node scripts/complete-lockfile.mjs [FOLDER]
//
// npm leaves optional packages of other platforms out of a lock file when it cannot see them while the file is
// made, and `npm ci` then refuses the file everywhere. This adds them. Their versions stand in the package that
// wants them. No hash is made up: an entry without one is checked against the registry's own by npm.
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { missingFromLock } from "./lockfile.mjs";

const folder = process.argv[2] ?? ".";
const path = new URL(`../${folder}/package-lock.json`, import.meta.url);
const lock = JSON.parse(readFileSync(path, "utf8"));
const missing = missingFromLock(lock);
for (const { place, entry } of missing) lock.packages[place] = entry;
lock.packages = Object.fromEntries(
  Object.entries(lock.packages).toSorted(([a], [b]) => a.localeCompare(b, "en")),
);
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
console.log(
  `${folder}/package-lock.json: ${missing.length} optional packages of other platforms added`,
);
