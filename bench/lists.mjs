// npm run bench:lists: what a user feels while others list a thousand sessions each, over a pool of 10 connections.
//
// The read of one user is timed in an application that is quiet, and again while 40 requests at a time list sessions:
// those of one account, and those of four. All of it runs in one process, as in an application. The goal of the design:
// under five times the quiet median, and no error.
import process from "node:process";
import pg from "pg";
import { createClient } from "redis";
import { session } from "../dist/adapters/fetch.js";
import { postgresTable } from "../dist/tables/postgres.js";
import { redisTable } from "../dist/tables/redis.js";
import { toText } from "./report/tables.mjs";
import { startPostgres, startRedis } from "./shared/databases.mjs";
import { createSessions, tableStore } from "./shared/sojourn.mjs";
import { median } from "./shared/statistics.mjs";

const SESSIONS = 1000;
const REQUESTS = 40;
const READS = 200;
const GOAL = 5;
/** Log-ins at once while the accounts are set up. */
const AT_ONCE = 50;
/** Milliseconds between two reads, as of somebody who clicks. */
const PAUSE = 10;
const ACCOUNTS = ["mallory", "trudy", "sybil", "oscar"];

/** @typedef {{ table: import("../src/core/store.ts").SessionTable, close: () => Promise<unknown> }} Opened */

/** @type {readonly [string, () => Promise<import("./shared/databases.mjs").Database | undefined>, (url: string) => Promise<Opened>][]} */
const databases = [
  ["PostgreSQL", startPostgres, openPostgres],
  ["Redis", startRedis, openRedis],
];

const rows = [];
const only = process.argv[2];
for (const [name, start, open] of databases) {
  if (only !== undefined && only !== name) continue;
  const database = await start();
  if (!database) {
    console.log(`${name} is not installed on this machine, and is left out.`);
    continue;
  }
  const { table, close } = await open(database.url(database.port));
  rows.push(...(await measure(name, table)));
  await close();
  await database.stop();
}
console.log(
  toText({
    title: `One user's read while ${REQUESTS} requests list ${SESSIONS} sessions each, Node ${process.version}`,
    head: [
      "",
      "accounts",
      "quiet median",
      "median meanwhile",
      "ratio",
      "goal",
      "errors",
      "lists served",
    ],
    rows,
  }),
);

/**
 * @param {string} name
 * @param {import("../src/core/store.ts").SessionTable} table
 */
async function measure(name, table) {
  const sessions = createSessions({
    store: tableStore({ table }),
    key: "__Host-session",
    subject: "user",
    limit: SESSIONS,
  });
  const ask = session(sessions, async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    const conn = sessions.of(request);
    if (pathname === "/login") conn.put("user", searchParams.get("user"));
    if (pathname !== "/devices") return new Response(String(conn.get("user")));
    const user = String(conn.get("user"));
    const devices = await sessions.list(user, { current: request, limit: SESSIONS });
    return new Response(String(devices.length));
  });
  /** @param {string} path @param {string} [cookie] */
  const visit = (path, cookie) =>
    ask(new Request(`https://app.example${path}`, { headers: cookie ? { cookie } : {} }));
  /** @param {string} user */
  const logIn = async (user) => {
    const response = await visit(`/login?user=${user}`);
    return response.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  };
  const cookies = new Map();
  for (const account of ACCOUNTS) {
    for (let made = 0; made < SESSIONS; made += AT_ONCE) {
      const batch = await Promise.all(Array.from({ length: AT_ONCE }, () => logIn(account)));
      cookies.set(account, batch[0]);
    }
  }
  const mine = await logIn("alice");

  async function read() {
    const times = [];
    let errors = 0;
    for (let i = 0; i < READS; i++) {
      const start = performance.now();
      try {
        if ((await (await visit("/", mine)).text()) !== "alice") errors++;
      } catch {
        errors++;
      }
      times.push(performance.now() - start);
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
    return { middle: median(times), errors };
  }

  await read();
  const results = [];
  for (const count of [1, ACCOUNTS.length]) {
    const quiet = await read();
    const flooding = new AbortController();
    let served = 0;
    let failed = 0;
    const flood = Array.from({ length: REQUESTS }, async (_, i) => {
      while (!flooding.signal.aborted) {
        const listed = await visit("/devices", cookies.get(ACCOUNTS[i % count] ?? ""))
          .then((response) => response.text())
          .catch(() => "error");
        if (listed === String(SESSIONS)) served++;
        else failed++;
      }
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    const busy = await read();
    flooding.abort();
    await Promise.all(flood);
    const ratio = busy.middle / quiet.middle;
    results.push([
      name,
      String(count),
      milliseconds(quiet.middle),
      milliseconds(busy.middle),
      ratio.toFixed(1),
      `< ${GOAL} ${ratio < GOAL ? "met" : "missed"}`,
      String(busy.errors + failed),
      String(served),
    ]);
  }
  return results;
}

/** @param {string} url @returns {Promise<Opened>} */
async function openPostgres(url) {
  const pool = new pg.Pool({ connectionString: url, max: 10 });
  pool.on("error", () => {}); // The server ends the idle connections when it is stopped.
  const table = postgresTable(pool);
  // The port is open before the server takes statements.
  for (let tries = 0; ; tries++) {
    try {
      await table.migrate();
      break;
    } catch (error) {
      if (tries === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  return { table, close: () => pool.end() };
}

/** @param {string} url @returns {Promise<Opened>} */
async function openRedis(url) {
  const client = await createClient({ url }).connect();
  return { table: redisTable(client), close: () => client.close() };
}

/** @param {number} value */
function milliseconds(value) {
  return `${value.toFixed(1)} ms`;
}
