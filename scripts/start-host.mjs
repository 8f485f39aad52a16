// Runs one of examples/hosts: npm run start:host koa
import { existsSync, readdirSync } from "node:fs";
import process from "node:process";

const folder = new URL("../build/examples/hosts/", import.meta.url);
const [name = ""] = process.argv.slice(2);
const file = new URL(`${name}.js`, folder);
if (/^[\w-]+$/.test(name) && existsSync(file)) {
  await import(file.href);
} else {
  const names = readdirSync(folder)
    .filter((each) => each.endsWith(".js") && each !== "sessions.js")
    .map((each) => each.slice(0, -3));
  console.error(`npm run start:host <name>, one of: ${names.join(", ")}`);
  process.exitCode = 1;
}
