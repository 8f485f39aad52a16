// The real programs that tests run against, beside Node: how each is found, and what brings it.
// scripts/test-setup.mjs makes sure of them; test/setup/parts.ts hands them to the tests.
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";

/**
 * @typedef {object} Part
 * @property {string} name what the tests ask for
 * @property {string} purpose what cannot be tested without it
 * @property {string} variable an environment variable that names the program's path
 * @property {readonly string[]} programs names to look for, or absolute paths
 * @property {readonly string[]} packages Debian packages that bring one of them
 */

/** @type {readonly Part[]} */
export const parts = [
  {
    name: "chromium",
    purpose: "what a real browser keeps and sends of our cookies",
    variable: "CHROMIUM_PATH",
    programs: [
      "chromium",
      "chromium-browser",
      "google-chrome-stable",
      "google-chrome",
      "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
      "/Applications/Chromium.app/Contents/MacOS/Chromium",
    ],
    packages: ["chromium"],
  },
  {
    name: "redis-server",
    purpose: "sessions in Redis or Valkey, in a Cluster and behind Sentinel",
    variable: "REDIS_SERVER_PATH",
    programs: ["redis-server", "valkey-server"],
    packages: ["redis-server"],
  },
  {
    name: "mariadbd",
    purpose: "sessions in MySQL and MariaDB",
    variable: "MARIADBD_PATH",
    programs: ["mariadbd", "/usr/sbin/mariadbd"],
    packages: ["mariadb-server-core"],
  },
  {
    name: "nginx",
    purpose: "what a shared cache in front of the server gives to whom",
    variable: "NGINX_PATH",
    programs: ["nginx", "/usr/sbin/nginx"],
    packages: ["nginx-light"],
  },
  {
    name: "pgbouncer",
    purpose: "sessions in PostgreSQL behind PgBouncer",
    variable: "PGBOUNCER_PATH",
    programs: ["pgbouncer", "/usr/sbin/pgbouncer"],
    packages: ["pgbouncer"],
  },
];

/**
 * Where the part's program is, or `undefined`.
 * @param {Part} part
 * @returns {string | undefined}
 */
export function find(part) {
  // What the environment names is taken at its word: a wrong path is an answer, not a reason to guess.
  const named = process.env[part.variable];
  if (named) return isProgram(named) ? named : undefined;
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter(Boolean);
  return part.programs
    .flatMap((program) =>
      program.startsWith("/") ? [program] : folders.map((folder) => join(folder, program)),
    )
    .find(isProgram);
}

/**
 * Whether a path names a file that this user may run.
 * @param {string} path
 */
export function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
