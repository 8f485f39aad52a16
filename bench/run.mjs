// npm run bench: what a session costs a request, here and elsewhere.
//
//   --quick             one short round, to see that all works; its figures say little
//   --only <text>       only cases whose file name holds the text; and those without sessions
//   --against <folder>  measures Sojourn a second time, as built in that folder
//   BENCH_ROUNDS=5 BENCH_SECONDS=1.2
import { readdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import process from "node:process";
import { parseArgs } from "node:util";
import { check, signIn } from "./browser.mjs";
import { USER, counted, greet } from "./hosts.mjs";
import { Worker, pinned } from "./processes.mjs";
import { print } from "./report.mjs";
import { summarize } from "./summary.mjs";

const CONNECTIONS = 32;
/** What a request does, and how its answer looks. */
const SCENARIOS = [
  { name: "read", title: "a request that reads one key", expected: `^${greet(USER)}$` },
  { name: "write", title: "a request that writes one key", expected: `^${counted("\\d+")}$` },
  {
    name: "untouched",
    title: "a request that does not touch its session",
    expected: "^untouched$",
  },
];

const { values: flags } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    against: { type: "string" },
  },
});
const rounds = Number(process.env["BENCH_ROUNDS"] ?? (flags.quick ? 1 : 5));
const seconds = Number(process.env["BENCH_SECONDS"] ?? (flags.quick ? 0.5 : 1.2));

const load = new Worker(1, ["load.mjs"]);
/** @type {Contender[]} */
const contenders = [];
try {
  for (const file of caseFiles()) {
    contenders.push(await start(file));
    if (flags.against && file.includes("sojourn"))
      contenders.push(await start(file, flags.against));
  }
  await runAll();
} finally {
  for (const { server } of contenders) server.stop();
  load.stop();
}

const results = {
  date: new Date().toISOString(),
  node: process.version,
  cpu: cpus()[0]?.model ?? "unknown",
  cores: cpus().length,
  pinned,
  connections: CONNECTIONS,
  rounds,
  seconds,
  scenarios: SCENARIOS.map(({ name, title }) => ({ name, title, ...summarize(name, contenders) })),
};
writeFileSync(new URL("results.json", import.meta.url), `${JSON.stringify(results, null, 2)}\n`);
print(results);

/**
 * A case at work, and what was measured of it.
 * @typedef {object} Contender
 * @property {Worker} server
 * @property {string} host
 * @property {string} name
 * @property {import("./hosts.mjs").Case["role"]} role
 * @property {import("./hosts.mjs").Case["keeps"]} keeps
 * @property {string} origin
 * @property {string[]} cookies
 * @property {Record<string, import("./summary.mjs").Sample[]>} samples by scenario
 */

function caseFiles() {
  const files = readdirSync(new URL("cases", import.meta.url)).filter((name) =>
    name.endsWith(".mjs"),
  );
  return files
    .filter((name) => name.includes(flags.only) || /-(?:bare|empty)\.mjs$/.test(name))
    .sort();
}

/**
 * @param {string} file
 * @param {string} [dist]
 * @returns {Promise<Contender>}
 */
async function start(file, dist) {
  const server = new Worker(0, ["server.mjs", `cases/${file}`], dist ? { BENCH_DIST: dist } : {});
  const { port, name, role, keeps } = await server.hear();
  const origin = `http://127.0.0.1:${port}`;
  if (keeps) await check(origin);
  const cookies = await Promise.all(Array.from({ length: CONNECTIONS }, () => signIn(origin)));
  const host = file.split("-")[0] ?? "";
  return {
    server,
    host,
    name: dist ? `${name} (against)` : name,
    role,
    keeps,
    origin,
    cookies,
    samples: {},
  };
}

/** Each case once, then each case again: what disturbs the machine disturbs them all. */
async function runAll() {
  const shots = SCENARIOS.length * contenders.length;
  const minutes = (shots * (rounds * (seconds + 0.1) + warmUp())) / 60;
  process.stderr.write(`${contenders.length} servers, about ${minutes.toFixed(1)} minutes\n`);
  for (let round = 0; round <= rounds; round++) {
    for (const scenario of SCENARIOS) {
      for (const contender of contenders) {
        const sample = await shoot(contender, scenario, round === 0 ? warmUp() : seconds);
        if (round > 0) (contender.samples[scenario.name] ??= []).push(sample);
      }
    }
    process.stderr.write(round === 0 ? "warm\n" : `round ${round} of ${rounds}\n`);
  }
}

function warmUp() {
  return Math.min(1, seconds);
}

/**
 * @param {Contender} contender
 * @param {typeof SCENARIOS[number]} scenario
 * @param {number} duration
 * @returns {Promise<import("./summary.mjs").Sample>}
 */
async function shoot({ server, name, origin, cookies }, scenario, duration) {
  const url = `${origin}/${scenario.name}`;
  const before = await server.ask({});
  const shot = await load.ask({ url, seconds: duration, cookies, expected: scenario.expected });
  const after = await server.ask({});
  if (shot.wrong > 0) throw new Error(`${name}: ${shot.wrong} wrong answers to ${scenario.name}`);
  return { requests: shot.requests, seconds: shot.seconds, cpu: after.cpu - before.cpu };
}
