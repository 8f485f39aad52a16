// Sessions in Redis and PostgreSQL: CPU time of server and database together with many in flight, and round trips.
import { readdirSync } from "node:fs";
import process from "node:process";
import { decimal, times, whole } from "../report/format.mjs";
import { Browser } from "../shared/browser.mjs";
import { Contender, interleave } from "../shared/contender.mjs";
import { CountingProxy } from "../shared/counting-proxy.mjs";
import { startPostgres, startRedis } from "../shared/databases.mjs";
import { startLoad } from "../shared/load.mjs";
import { cpuOfTree } from "../shared/process-tree.mjs";
import { SCENARIOS } from "../shared/scenarios.mjs";
import { SERVER_CORE, Worker } from "../shared/worker.mjs";
import { pairs } from "./comparison.mjs";
import { rowsOf, withCosts } from "./requests.mjs";

const IN_FLIGHT = 64;
const READ_AND_WRITE = SCENARIOS.filter(({ name }) => name === "read" || name === "write");
/** Requests over which the round trips are counted, one after the other. */
const COUNTED = 20;

/** @typedef {import("./requests.mjs").Row & { trips?: Record<string, number> }} Row */

export const databases = {
  name: "databases",

  /** @param {import("../run.mjs").Options} options */
  async run({ quick, starts }) {
    const effort = { rounds: quick ? 1 : 5, seconds: 1, starts: starts ?? (quick ? 1 : 3) };
    /** @type {Record<string, Row[]>} */
    const rows = { read: [], write: [] };
    for (const start of [startRedis, startPostgres]) {
      const database = await start();
      if (!database) {
        console.error(`  ${start.name} has found no program: left out`);
        continue;
      }
      try {
        const found = await measure(database, effort);
        for (const { name } of READ_AND_WRITE) rows[name]?.push(...(found[name] ?? []));
      } finally {
        await database.stop();
      }
    }
    return { ...effort, inFlight: IN_FLIGHT, rows };
  },

  /** @returns {import("../report/tables.mjs").Table[]} */
  tables({ rows, inFlight }) {
    const scenarios = Object.entries(/** @type {Record<string, Row[]>} */ (rows));
    return [
      ...scenarios.flatMap(([scenario, each]) => [
        {
          title: `Requests that ${scenario}, ${inFlight} in flight`,
          names: 2,
          head: ["", "", "CPU µs", "with the database's", "each start", "req/s", "round trips"],
          rows: each.map((row) => [
            row.host,
            row.name,
            decimal(row.cpu),
            decimal(row.together),
            row.starts.map((start) => decimal(start)).join(" "),
            whole(row.rps),
            row.trips ? decimal(row.trips[scenario] ?? Number.NaN) : "",
          ]),
        },
      ]),
      {
        title: "Ours against the peer, on plain node:http",
        names: 3,
        head: ["", "ours", "peer", "", "CPU of both", "CPU of the server"],
        rows: scenarios.flatMap(([scenario, each]) =>
          pairs(each).map(({ ours, peer }) => [
            ours.host,
            ours.name,
            peer.name,
            scenario,
            times(peer.together / ours.together),
            times(peer.cpu / ours.cpu),
          ]),
        ),
      },
      {
        title: "Round trips of one request, counted by a proxy",
        names: 2,
        head: ["", "", "reads", "puts what is there", "writes"],
        rows: (scenarios[0]?.[1] ?? [])
          .filter(({ trips }) => trips)
          .map(({ host, name, trips = {} }) => [
            host,
            name,
            ...["read", "same", "write"].map((path) => decimal(trips[path] ?? Number.NaN)),
          ]),
      },
    ];
  },
};

/**
 * @param {import("../shared/databases.mjs").Database} database
 * @param {{ rounds: number, seconds: number, starts: number }} effort
 * @returns {Promise<Record<string, Row[]>>}
 */
async function measure(database, effort) {
  const { host, port, pid, url } = database;
  const environment = { BENCH_DATABASE: url(port) };
  const files = filesOf(host);
  const load = startLoad();
  /** @type {{ file: string, contender: Contender }[]} */
  const measured = [];
  try {
    for (let start = 1; start <= effort.starts; start++) {
      process.stderr.write(`  ${host}, start ${start} of ${effort.starts} `);
      const contenders = [];
      try {
        for (const file of files) {
          const contender = await Contender.start(`databases/${file}`, IN_FLIGHT, environment);
          contenders.push(contender);
          measured.push({ file, contender });
        }
        await interleave(contenders, READ_AND_WRITE, load, effort, () => cpuOfTree(pid) ?? 0);
      } finally {
        for (const contender of contenders) contender.stop();
      }
      process.stderr.write("\n");
    }
  } finally {
    load.stop();
  }
  /** @type {Map<string, Record<string, number>>} */
  const trips = new Map();
  for (const { file, contender } of measured) {
    if (!contender.keeps || trips.has(contender.name)) continue;
    trips.set(contender.name, await countTrips(file, database));
  }
  const withTrips = (/** @type {string} */ scenario) =>
    withCosts(rowsOf(scenario, measured)).map((row) => ({ ...row, trips: trips.get(row.name) }));
  return Object.fromEntries(READ_AND_WRITE.map(({ name }) => [name, withTrips(name)]));
}

/**
 * Round trips of a request, by its path.
 * @param {string} file
 * @param {import("../shared/databases.mjs").Database} database
 * @returns {Promise<Record<string, number>>}
 */
async function countTrips(file, { port, url }) {
  const proxy = new CountingProxy(port);
  const environment = { BENCH_DATABASE: url(await proxy.listen()) };
  const server = new Worker(SERVER_CORE, ["shared/server.mjs", `databases/${file}`], {
    environment,
  });
  try {
    const about = await server.hear();
    const browser = new Browser(`http://127.0.0.1:${about.port}`);
    await browser.visit("/login", "POST");
    /** @type {Record<string, number>} */
    const trips = {};
    for (const path of ["read", "same", "write"]) {
      // The first one may still have to prepare statements, or to send a script.
      await browser.visit(`/${path}`);
      const before = proxy.trips;
      for (let i = 0; i < COUNTED; i++) await browser.visit(`/${path}`);
      trips[path] = (proxy.trips - before) / COUNTED;
    }
    return trips;
  } finally {
    server.stop();
    proxy.close();
  }
}

/** @param {string} host */
function filesOf(host) {
  return readdirSync(new URL("../cases/databases", import.meta.url))
    .filter((file) => file.startsWith(`${host}-`))
    .sort();
}
