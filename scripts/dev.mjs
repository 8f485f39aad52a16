// The demo while one works on it: what changes in src/ or examples/demo/ is compiled, and the demo starts again.
import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const tsc = ["node_modules/typescript/bin/tsc", "--watch", "--preserveWatchOutput"];
const programs = [
  [...tsc, "-p", "tsconfig.build.json"],
  [...tsc, "-p", "examples/demo"],
  ["--watch", "--watch-preserve-output", "build/examples/demo/main.js"],
];

// A group for each: the compiler starts a program of its own, which must not outlive this one.
const groups = process.platform !== "win32";
const children = programs.map((args) =>
  spawn(process.execPath, args, { cwd: root, stdio: "inherit", detached: groups }),
);
for (const child of children) child.once("exit", stop);
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) process.once(signal, stop);

function stop() {
  for (const child of children) {
    if (child.pid === undefined || child.exitCode !== null) continue;
    if (groups) process.kill(-child.pid);
    else child.kill();
  }
}
