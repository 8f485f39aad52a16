// The runtimes that Sojourn is for: where each program lies, how it runs the tests and an application, which
// tests it cannot run, and what a user has to know. scripts/test-runtimes.mjs prints docs/reports/runtimes.md from it.
import { fileURLToPath } from "node:url";

/** The package of the runtimes: outside the library's own dependencies. */
export const folder = fileURLToPath(new URL("../test/runtimes/", import.meta.url));
const program = (/** @type {string} */ path) => `${folder}node_modules/${path}`;
const VITEST = "node_modules/vitest/vitest.mjs";

/**
 * @typedef {object} LeftOut a test that needs what the runtime lacks
 * @property {string} title a part of the test's full name; it must exist
 * @property {string} reason
 *
 * @typedef {{ readonly date: string, readonly flags: readonly string[] }} WorkerdSettings
 *
 * @typedef {object} Workerd
 * @property {WorkerdSettings["date"]} date
 * @property {WorkerdSettings["flags"]} flags
 * @property {WorkerdSettings} oldest that an application runs with
 * @property {readonly (readonly [WorkerdSettings, RegExp])[]} refused settings, and what they are refused with
 *
 * @typedef {object} Runtime
 * @property {string} name the word for the command line
 * @property {string} label how the runtime calls itself, and so the beginning of its row
 * @property {readonly string[]} vitest the program, and what goes before vitest's own arguments
 * @property {readonly string[]} serve the program that serves a built application, and its arguments
 * @property {Workerd} [workerd]
 * @property {readonly LeftOut[]} [leftOut]
 * @property {readonly string[]} [notes] what is different for a user
 */

/** What runs everywhere: the very files that `npm test` runs on Node. */
export const suites = [
  { label: "core", files: ["test/core/**/*.test.ts"] },
  { label: "crypto", files: ["test/crypto/**/*.test.ts"] },
  {
    label: "cookie and table store",
    files: ["test/stores/**/*.test.ts", "test/laws/**/*.test.ts"],
  },
  { label: "memory table", files: ["test/tables/memory/*.test.ts"] },
  { label: "SQLite table", files: ["test/tables/sqlite/*.test.ts"] },
];

/**
 * What explores orders by the ten thousand, which takes minutes and is no runtime's own, and what opens sockets of Node or LMDB:
 * `npm test` runs it on Node. The orders of each two requests are explored everywhere.
 */
export const onlyOnNode = [
  "test/laws/identity/undelivered.test.ts",
  "test/laws/renew-every/unpresented.test.ts",
  "test/laws/moves/adopt.test.ts",
  "test/laws/moves/old-cookies.test.ts",
  "test/laws/interleavings.test.ts",
  "test/laws/cookies/two-cookies.test.ts",
  "test/laws/sealed-rows/races.test.ts",
];

/** @type {readonly Runtime[]} */
export const runtimes = [
  ...["20", "22", "24", "26"].map((major) => {
    const node = program(`node${major}/bin/node`);
    return { name: `node${major}`, label: "Node.js", vitest: [node, VITEST], serve: [node] };
  }),
  {
    name: "bun",
    label: "Bun",
    vitest: [program("@oven/bun-linux-x64/bin/bun"), "--bun", VITEST],
    serve: [program("@oven/bun-linux-x64/bin/bun")],
    notes: [
      "Events: load `sojourn` before you subscribe to its channels. If nothing references a `diagnostics_channel`, " +
        "Bun forgets it together with its listeners ([oven-sh/bun#43086](https://github.com/oven-sh/bun/issues/43086)). " +
        "Sojourn references its own channels.",
    ],
  },
  {
    name: "deno",
    label: "Deno",
    vitest: [program("@deno/linux-x64-glibc/deno"), "run", "-A", "--no-remote", VITEST],
    // What an application needs is the network: no file, no environment.
    serve: [program("@deno/linux-x64-glibc/deno"), "run", "--allow-net", "--no-remote"],
    notes: ["Sojourn itself needs no permission; `--allow-net` is for the server."],
  },
  {
    name: "workerd",
    label: "workerd",
    // vitest itself runs on Node; the tests run in workerd.
    vitest: [program("node24/bin/node"), VITEST],
    serve: [program("@cloudflare/workerd-linux-64/bin/workerd"), "serve", "--control-fd=3"],
    workerd: {
      date: "2026-08-04",
      flags: ["nodejs_compat"],
      oldest: { date: "2024-09-23", flags: ["nodejs_compat"] },
      refused: [
        [{ date: "2024-09-23", flags: [] }, /No such module "node:/],
        [{ date: "2024-09-22", flags: ["nodejs_compat"] }, /SessionError: this runtime has no/],
      ],
    },
    leftOut: [
      {
        title: "the SQLite table of the runtime",
        reason: "a worker has no SQLite but that of a Durable Object",
      },
      {
        title: "a text has the bytes that Buffer.from gives",
        reason: "its `Buffer` reads a text that is no base64url in two ways",
      },
      { title: "an Express application with two of them", reason: "Express needs Node's server" },
      { title: "sealed sessions whose ends are in LMDB", reason: "LMDB is a native package" },
      {
        title: "it outlives a restart of every process, in LMDB",
        reason: "LMDB is a native package",
      },
      { title: "of another realm", reason: "there is no second realm (`node:vm`)" },
      {
        title: "gives the specification's hash over 10,000 random seals",
        reason: "the test draws its bytes from SHAKE-128, which `node:crypto` lacks there",
      },
    ],
    notes: [
      "Set the flag `nodejs_compat` and a `compatibility_date` of 2024-09-23 or later. Without them the worker does " +
        'not start: `No such module "node:util"`, or `ERR_SESSION_CONFIG`.',
      "A database client must follow workerd's rule: one request cannot use a socket that another request has opened.",
      "If the client of a request has gone, workerd stops the request, even in the middle of a commit. The next write " +
        "to that session waits a second for it; later writes do not wait. A session in a sealed cookie never waits.",
      "A table in memory belongs to one isolate, and workerd starts and stops isolates. The table is not swept, because " +
        "workerd stops the sweep with the request that started it. Use it for tests; elsewhere set `maxRows` in " +
        "`createTable`.",
    ],
  },
];

/**
 * @param {string} name
 * @returns {Runtime}
 */
export function runtimeNamed(name) {
  const found = runtimes.find((runtime) => runtime.name === name);
  if (found) return found;
  throw new Error(
    `no runtime "${name}"; there are ${runtimes.map((each) => each.name).join(", ")}`,
  );
}

/**
 * What tells vitest to leave these tests out.
 * @param {Runtime} runtime
 * @returns {{ testNamePattern?: RegExp }}
 */
export function leftOutPattern({ leftOut = [] }) {
  if (leftOut.length === 0) return {};
  const titles = leftOut.map(({ title }) =>
    title.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`),
  );
  return { testNamePattern: new RegExp(`^(?!.*(?:${titles.join("|")}))`, "s") };
}
