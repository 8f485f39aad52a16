// One process of many in a load test: answers requests of one session, over a table that others use too.
// Arguments: redis or postgres, the server's URL, the prefix or the table's name, the session's cookie, what to do,
// and how many at once. Says "ready", starts when it is told to, then prints what came of it as JSON.
import process from "node:process";
import { Hono } from "hono";
import { Redis } from "ioredis";
import { Pool } from "pg";
import { createSessions, SessionError, tableStore } from "sojourn";
import { session } from "sojourn/hono";
import { postgresTable } from "sojourn/postgres";
import { redisTable } from "sojourn/redis";

const [kind, url = "", name = "", cookie = "", task, count] = process.argv.slice(2);
const redis = kind === "redis" ? new Redis(url) : undefined;
const pool = kind === "redis" ? undefined : new Pool({ connectionString: url });
const table = redis
  ? redisTable(redis, { prefix: name })
  : postgresTable(pool ?? new Pool(), { table: name });
const sessions = createSessions({ store: tableStore({ table }), key: "sid", subject: "user" });
const result = { done: 0, conflicts: 0, cookies: 0, errors: /** @type {string[]} */ ([]) };

const app = new Hono()
  .use(session(sessions))
  .post("/add", (c) => {
    sessions.updateSession(c, "n", (n) => Number(n ?? 0) + 1);
    return c.text("added");
  })
  .post("/write", (c) => {
    if (sessions.getSession(c, "user") === undefined) return c.text("nobody");
    sessions.putSession(c, "k", Math.random());
    return c.text("written");
  })
  .onError((error, c) => {
    const known = error instanceof SessionError && error.code === "ERR_SESSION_CONFLICT";
    if (known) result.conflicts++;
    else result.errors.push(String(error.cause ?? error));
    return c.text("again", 503);
  });

/** @param {string} path */
async function post(path) {
  const answer = await app.request(path, { method: "POST", headers: { cookie: `sid=${cookie}` } });
  result.cookies += answer.headers.getSetCookie().length;
  return { ok: answer.status === 200, text: await answer.text() };
}

/** A request that was told that nothing was written is made again, as a browser's user would. */
async function add() {
  while (!(await post("/add")).ok) if (result.errors.length > 0) return;
  result.done++;
}

async function writeUntilGone() {
  for (;;) {
    const { ok, text } = await post("/write");
    if (result.errors.length > 0 || text === "nobody") return;
    if (ok) result.done++;
  }
}

await table.get("warm");
process.stdout.write("ready\n");
await new Promise((resolve) => process.stdin.once("data", resolve));
await Promise.all(Array.from({ length: Number(count) }, task === "add" ? add : writeUntilGone));
process.stdout.write(`${JSON.stringify(result)}\n`);
redis?.disconnect();
await pool?.end();
process.exit();
