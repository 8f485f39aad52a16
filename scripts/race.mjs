// Prints what parallel requests lose under express-session and under the drop-in, with the same program: npm run race.
// It needs redis-server on the PATH.
import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";
import { load } from "../test/tools/load.mjs";

const REDIS_PORT = 17_391;
const SIDES = /** @type {const} */ ([
  "express-session, connect-redis",
  "the drop-in, connect-redis",
  "the drop-in, redisTable",
]);
const KEYS = 200;
const LOG_OUTS = 100;

if (process.argv[2] === "serve") await serve(Number(process.argv[3]));
else await race();

/** @param {number} side */
async function serve(side) {
  const require = createRequire(import.meta.url);
  const express = require("express");
  const { createClient } = require("redis");
  const client = createClient({ url: `redis://127.0.0.1:${REDIS_PORT}` });
  await client.connect();
  const { RedisStore } = /** @type {any} */ (await load("connect-redis"));
  const { default: dropIn } = await import("../dist/adapters/express-session.js");
  const { tableStore } = await import("../dist/index.js");
  const { redisTable } = await import("../dist/tables/redis.js");
  const session = side === 0 ? require("express-session") : dropIn;
  const store =
    side === 2
      ? tableStore({ table: redisTable(client) })
      : new RedisStore({ client, prefix: `race:${side}:` });
  const app = express();
  app.use(session({ store, secret: "race", resave: false, saveUninitialized: false }));
  app.get("/in", (/** @type {any} */ req, /** @type {any} */ res) => {
    req.session.user = "alice";
    res.end();
  });
  app.get("/put", async (/** @type {any} */ req, /** @type {any} */ res) => {
    await sleep(Number(req.query.wait ?? 0));
    req.session[req.query.key] = 1;
    res.end();
  });
  app.get("/out", (/** @type {any} */ req, /** @type {any} */ res) => {
    req.session.destroy(() => res.end());
  });
  app.get("/show", (/** @type {any} */ req, /** @type {any} */ res) => {
    res.json({ ...req.session, cookie: undefined });
  });
  const server = app.listen(0, () => {
    const address = server.address();
    process.send?.(typeof address === "object" ? address?.port : undefined);
  });
}

async function race() {
  const redis = spawn("redis-server", ["--port", String(REDIS_PORT), "--save", ""], {
    stdio: "ignore",
  });
  redis.once("error", () => {
    console.error("npm run race needs redis-server");
    process.exit(1);
  });
  await sleep(500);
  const rows = [];
  for (const side of SIDES.keys()) {
    const children = [start(side), start(side)];
    const urls = await Promise.all(children.map(async (each) => (await each).url));
    const [one = ""] = urls;
    rows.push([
      SIDES[side],
      await keys([one]),
      await keys(urls),
      await undone([one]),
      await undone(urls),
    ]);
    for (const each of children) (await each).child.kill();
  }
  redis.kill();
  console.log(
    `| | of ${KEYS} keys kept, one process | two processes | of ${LOG_OUTS} log-outs undone, one process | two processes |`,
  );
  console.log("|---|--:|--:|--:|--:|");
  for (const row of rows) console.log(`| ${row.join(" | ")} |`);
}

/** @param {number} side */
async function start(side) {
  const child = fork(new URL(import.meta.url), ["serve", String(side)], { stdio: "ignore" });
  const [port] = await once(child, "message");
  return { child, url: `http://127.0.0.1:${port}` };
}

/**
 * @param {string} url
 * @param {string} cookie
 */
async function get(url, cookie) {
  const response = await fetch(url, { headers: { cookie } });
  const [sent = cookie] = response.headers.getSetCookie();
  return { cookie: sent.split(";", 1)[0] ?? "", body: await response.text() };
}

/**
 * Signs in, and puts many keys at once. Gives how many the session has afterwards.
 * @param {readonly string[]} urls
 */
async function keys(urls) {
  const { cookie } = await get(`${urls[0]}/in`, "");
  const puts = Array.from({ length: KEYS }, (_, at) =>
    get(`${urls[at % urls.length]}/put?key=k${at}`, cookie),
  );
  await Promise.all(puts);
  const { body } = await get(`${urls[0]}/show`, cookie);
  return Object.keys(JSON.parse(body)).filter((key) => key.startsWith("k")).length;
}

/**
 * Logs out while a slower request writes, on another process if there are two. Gives how often the user is back.
 * @param {readonly string[]} urls
 */
async function undone(urls) {
  let count = 0;
  for (let at = 0; at < LOG_OUTS; at++) {
    const { cookie } = await get(`${urls[0]}/in`, "");
    const late = get(`${urls.at(-1)}/put?key=late&wait=${at % 5}`, cookie);
    await sleep(at % 3);
    await get(`${urls[0]}/out`, cookie);
    await late;
    const { body } = await get(`${urls[0]}/show`, cookie);
    if (JSON.parse(body).user === "alice") count++;
  }
  return count;
}
