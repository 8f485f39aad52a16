// Asks npm's registry whether a weakness is known in what users of the package install. A registry that does not answer
// such questions, as mirrors do not, is one line and no failure.
import { spawnSync } from "node:child_process";
import process from "node:process";
import { auditOutcome } from "./audit-outcome.mjs";

const { stdout } = spawnSync("npm", ["audit", "--omit=dev", "--json"], { encoding: "utf8" });
const { line, failed } = auditOutcome(stdout);
console.log(line);
if (failed) process.exitCode = 1;
