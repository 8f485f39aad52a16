// Sessions in Redis and PostgreSQL: requests per second with many in flight, and round trips of a request.
import { readdirSync } from "node:fs";
import { decimal, percent, times, whole } from "../report/format.mjs";
import { Browser } from "../shared/browser.mjs";
import { Contender, interleave } from "../shared/contender.mjs";
import { CountingProxy } from "../shared/counting-proxy.mjs";
import { startPostgres, startRedis } from "../shared/databases.mjs";
import { SCENARIOS } from "../shared/scenarios.mjs";
import { LOAD_CORE, SERVER_CORE, Worker } from "../shared/worker.mjs";
import { pairs } from "./comparison.mjs";
import { rowOf, withCosts } from "./requests.mjs";

const IN_FLIGHT = 64;
const READ_AND_WRITE = SCENARIOS.filter(({ name }) => name === "read" || name === "write");
/** Requests over which the round trips are counted, one after the other. */
const COUNTED = 20;

/** @typedef {import("./requests.mjs").Row & { trips?: Record<string, number> }} Row */

export const databases = {
  name: "databases",

  /** @param {import("../run.mjs").Options} options */
  async run({ quick }) {
    const effort = quick ? { rounds: 1, seconds: 0.5 } : { rounds: 5, seconds: 1 };
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
          head: ["", "", "req/s", "spread", "CPU µs", "busy", "round trips"],
          rows: each.map((row) => [
            row.host,
            row.name,
            whole(row.rps),
            percent(row.spread),
            decimal(row.cpu),
            percent(row.busy),
            row.trips ? decimal(row.trips[scenario] ?? Number.NaN) : "",
          ]),
        },
      ]),
      {
        title: "Ours against the peer, on plain node:http",
        names: 3,
        head: ["", "ours", "peer", "", "req/s", "CPU of a request", "CPU cost"],
        rows: scenarios.flatMap(([scenario, each]) =>
          pairs(each).map(({ ours, peer }) => [
            ours.host,
            ours.name,
            peer.name,
            scenario,
            times(ours.rps / peer.rps),
            times(peer.cpu / ours.cpu),
            times(peer.cpuCost / ours.cpuCost),
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
 * @param {{ rounds: number, seconds: number }} effort
 * @returns {Promise<Record<string, Row[]>>}
 */
async function measure(database, effort) {
  const { host, port, url } = database;
  const environment = { BENCH_DATABASE: url(port) };
  const load = new Worker(LOAD_CORE, ["shared/load.mjs"]);
  /** @type {{ contender: Contender, trips: Record<string, number> | undefined }[]} */
  const started = [];
  try {
    for (const file of filesOf(host)) {
      const contender = await Contender.start(`databases/${file}`, IN_FLIGHT, environment);
      const trips = contender.keeps ? await countTrips(file, database) : undefined;
      started.push({ contender, trips });
    }
    const contenders = started.map(({ contender }) => contender);
    await interleave(contenders, READ_AND_WRITE, load, effort);
  } finally {
    for (const { contender } of started) contender.stop();
    load.stop();
  }
  const rowsOf = (/** @type {string} */ scenario) =>
    withCosts(started.map(({ contender }) => rowOf(scenario, host, contender))).map((row) => ({
      ...row,
      trips: started.find(({ contender }) => contender.name === row.name)?.trips,
    }));
  return Object.fromEntries(READ_AND_WRITE.map(({ name }) => [name, rowsOf(name)]));
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
