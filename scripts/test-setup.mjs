// Installs what only tests start from npm, into test/tools and test/libraries/packages: who runs the demo does not pay for it.
//
// Then makes sure of the real programs that the tests run against. What is there is used; what is missing is
// installed where that takes no question (Debian and Ubuntu, as root or with a password-free sudo). What
// cannot be had costs one line, and its tests are skipped; with CI=true it is a failure, because a test
// that silently never runs is worse than a red one.
import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { findPostgres } from "./postgres-programs.mjs";
import { find, parts } from "./test-parts.mjs";

const inCi = !["", "0", "false"].includes(process.env["CI"] ?? "");
const missing = () => parts.filter((part) => find(part) === undefined);

// PostgreSQL is optional in test/tools, for machines that have none. Who leaves optional packages out still needs it here.
installInto("test/tools", "--include=optional");
installInto("test/libraries/packages");

// Who names a path wants that program and no other.
const packages = missing()
  .filter(({ variable }) => !process.env[variable])
  .flatMap((part) => part.packages);
if (packages.length > 0) install(packages);

const absent = missing();
for (const { name, purpose, variable, packages: names } of absent) {
  console.error(
    `${name} is missing, and so the tests leave out ${purpose}. To run them, install it (Debian and Ubuntu: ` +
      `apt-get install ${names.join(" ")}) or set ${variable} to its path.`,
  );
}
const given = process.env["SOJOURN_TEST_POSTGRES_URL"];
const postgres = given !== undefined || findPostgres() !== undefined;
if (!postgres) {
  console.error(
    "PostgreSQL comes from npm for Linux on x64 only, and so the tests leave out sessions in a PostgreSQL server. " +
      "To run them, set SOJOURN_TEST_POSTGRES_URL to the address of a server.",
  );
}
if (inCi && (absent.length > 0 || !postgres)) process.exitCode = 1;

/**
 * @param {string} folder
 * @param {readonly string[]} options
 */
function installInto(folder, ...options) {
  const place = new URL(`../${folder}/`, import.meta.url);
  const modified = (/** @type {string} */ path) =>
    statSync(new URL(path, place), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (modified("node_modules/.package-lock.json") >= modified("package-lock.json")) return;
  console.error(`Installing what only tests start into ${folder} ...`);
  const args = ["ci", "--prefix", fileURLToPath(place), "--loglevel=error"];
  if (!succeeds("npm", ...args, ...options)) {
    console.error(`npm ci in ${folder} failed: without it the tests cannot run.`);
    process.exit(1);
  }
}

/** @param {readonly string[]} names */
function install(names) {
  const prefix = privilege();
  if (prefix === undefined || !succeeds("apt-get", "--version")) return;
  console.error(`Installing ${names.join(", ")} with apt-get for the tests ...`);
  // A repository that fails to update does not matter as long as the packages can be had.
  succeeds(...prefix, "apt-get", "-q", "update");
  // One by one: a package that this system does not have must not keep the others out.
  for (const name of names) {
    succeeds(
      ...prefix,
      "apt-get",
      "-qq",
      "-y",
      "-o",
      "DPkg::Lock::Timeout=120",
      "--no-install-recommends",
      "install",
      name,
    );
  }
}

/**
 * What goes before a command that needs root's rights; `undefined` where they cannot be had without a question.
 * @returns {readonly string[] | undefined}
 */
function privilege() {
  const environment = ["env", "DEBIAN_FRONTEND=noninteractive"];
  if (process.getuid?.() === 0) return environment;
  return succeeds("sudo", "-n", "true") ? ["sudo", "-n", ...environment] : undefined;
}

/**
 * @param {readonly string[]} command
 * @returns {boolean}
 */
function succeeds(...command) {
  const [program = "", ...rest] = command;
  try {
    // Only what goes wrong is worth reading.
    execFileSync(program, rest, { stdio: ["ignore", "ignore", "inherit"], timeout: 600_000 });
    return true;
  } catch {
    return false;
  }
}
