// One process of many in a load test: answers requests of one session, over a table that others use too.
// Arguments: the kind of database as open-table.mjs knows it, the server's URL, the prefix or the table's name, the session's cookie, what to do,
// and how many at once. Says "ready", starts when it is told to, says "at it" after its first write, then prints what came of it as JSON.
import process from "node:process";
import { Hono } from "hono";
import { createSessions, SessionError, tableStore } from "sojourn";
import { session } from "sojourn/hono";
import { openTable } from "../tables/open-table.mjs";

const [kind = "", url = "", name = "", cookie = "", task, count] = process.argv.slice(2);
const { table, close } = await openTable(kind, url, name);
const SLOW = ["dynamodb", "upstash"];
// A slow server has more time than usual: nothing may be lost, however long it takes.
const store = tableStore({ table, timeout: SLOW.includes(kind) ? 30 : undefined });
const sessions = createSessions({ store, key: "sid", subject: "user" });
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
  wrote();
}

function wrote() {
  if (result.done++ === 0) process.stdout.write("at it\n");
}

async function writeUntilGone() {
  for (;;) {
    const { ok, text } = await post("/write");
    if (result.errors.length > 0 || text === "nobody") return;
    if (ok) wrote();
  }
}

await table.get("warm");
process.stdout.write("ready\n");
await new Promise((resolve) => process.stdin.once("data", resolve));
await Promise.all(Array.from({ length: Number(count) }, task === "add" ? add : writeUntilGone));
process.stdout.write(`${JSON.stringify(result)}\n`);
await close();
process.exit();
