// CPU time of processes that are not ours, such as a database with its own children. Linux tells it in /proc.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";

/** Microseconds of a tick, in which /proc counts. */
const TICK = existsSync("/proc/stat") ? 1e6 / Number(execFileSync("getconf", ["CLK_TCK"])) : 0;

/**
 * CPU time of a process and all that it has started, in microseconds.
 * @param {number} root
 * @returns {number | undefined} nothing where the system does not tell it
 */
export function cpuOfTree(root) {
  if (TICK === 0) return undefined;
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap(statOf);
  const tree = new Set([root]);
  for (let before = 0; before < tree.size;) {
    before = tree.size;
    for (const { pid, parent } of all) if (tree.has(parent)) tree.add(pid);
  }
  const ticks = all.filter(({ pid }) => tree.has(pid)).map((each) => each.ticks);
  return ticks.reduce((sum, each) => sum + each, 0) * TICK;
}

/** @param {string} pid */
function statOf(pid) {
  try {
    // The name of the program is in brackets, and may have spaces: man 5 proc.
    const [, fields = ""] = /^.*\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
    const [, parent, ...rest] = fields.split(" ");
    const [user, system] = rest.slice(9, 11);
    return [{ pid: Number(pid), parent: Number(parent), ticks: Number(user) + Number(system) }];
  } catch {
    return []; // It has ended meanwhile.
  }
}
