// Runs the tests of what needs Node 22 or later, in a newer Node from npm: better-sqlite3, `node:sqlite`,
// Kysely and MikroORM.
// npm run test:newer-node
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";

const TESTS = ["test/tables/sqlite.test.ts", "test/tables/postgres/orm"];

const inCi = !["", "0", "false"].includes(process.env["CI"] ?? "");
const path = (/** @type {string} */ relative) =>
  fileURLToPath(new URL(`../${relative}`, import.meta.url));
const own = Number(process.versions.node.split(".")[0]) >= 22;
const node = own ? process.execPath : path("test/tools/node_modules/node24/bin/node");

if (existsSync(node)) {
  const vitest = path("node_modules/vitest/vitest.mjs");
  const args = [vitest, "run", ...TESTS, ...process.argv.slice(2)];
  const child = spawn(node, args, { cwd: path("."), stdio: "inherit" });
  child.on("close", (code) => (process.exitCode = code ?? 1));
} else {
  console.error(
    "A newer Node comes from npm for Linux on x64 only, and so nothing was tested: run this with Node 22 or later.",
  );
  if (inCi) process.exitCode = 1;
}
