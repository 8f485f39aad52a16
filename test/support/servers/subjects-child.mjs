// One process of many that serve the sessions of one user, over a table that others use too.
// Arguments: the kind of database as open-table.mjs knows it; the path or the server's URL; the prefix or the table's name; the options as JSON:
// the cookie's `key`, `limit`, `staleness` for revocable cookies, and `again` for log-ins that are made again if they were refused. It does what it is told, line by line, and answers each line with one.
import process from "node:process";
import { createInterface } from "node:readline";
import { Hono } from "hono";
import { SessionError, cookieStore, createSessions, tableStore } from "sojourn";
import { session } from "sojourn/hono";
import { openTable } from "../tables/open-table.mjs";

/** The status of a log-in when others were faster for two seconds: nothing was written. */
const REFUSED = 409;

const [kind = "", url = "", name = "", options = "{}"] = process.argv.slice(2);
const { key, limit, staleness, secret, again } = JSON.parse(options);
const { table } = await openTable(kind, url, name);
/** @type {number | undefined} */
let clock;

const sessions = createSessions({
  store:
    staleness === undefined
      ? tableStore({ table, timeout: again ? 30 : undefined })
      : cookieStore({ secret, revocations: table, staleness }),
  key,
  subject: "user",
  limit,
  now: () => clock ?? Date.now(),
});
const app = new Hono()
  .use(session(sessions))
  .get("/", (c) => c.text(String(sessions.getSession(c, "user") ?? "nobody")))
  .post("/", (c) => {
    sessions.renewSession(c);
    sessions.putSession(c, "user", "ann");
    return c.text(String(Date.now()));
  })
  .onError((error, c) => {
    if (error instanceof SessionError && error.code === "ERR_SESSION_CONFLICT") {
      return c.text("", REFUSED);
    }
    throw error;
  });

/** @param {string} cookie */
async function who(cookie) {
  const answer = await app.request("/", { headers: { cookie } });
  if (answer.status !== 200) throw new Error(`status ${answer.status}`);
  return answer.text();
}

/**
 * A log-in: when its subject had been put, and the cookie; nothing where it was refused while all log in at once.
 * @returns {Promise<{ put: number, cookie: string | undefined } | undefined>}
 */
async function logIn(mayBeRefused = false) {
  const answer = await app.request("/", { method: "POST" });
  if (answer.status === REFUSED && mayBeRefused) return undefined;
  if (answer.status === REFUSED && again) return logIn();
  if (answer.status !== 200) throw new Error(`status ${answer.status}`);
  const [cookie = ""] = answer.headers.getSetCookie();
  return { put: Number(await answer.text()), cookie: cookie.split(";", 1)[0] };
}

let watching = Promise.resolve({ before: 0, after: 0 });
const state = { revoked: false, going: false };
/** @type {Promise<{ put: number, cookie: string | undefined }[]>} */
let logIns = Promise.resolve([]);

/** Asks again and again; counts the requests that were accepted, and those of them that began after the revocation. */
async function watch(/** @type {string} */ cookie) {
  const counted = { before: 0, after: 0 };
  for (let refused = 0; refused < 20;) {
    const when = state.revoked ? "after" : "before";
    if ((await who(cookie)) === "ann") counted[when]++;
    else refused++;
  }
  return counted;
}

async function logInUntilStopped() {
  const made = [];
  // One that was under way when all were told to stop may be refused like the others.
  while (state.going) made.push(await logIn(true));
  return made.filter((each) => each !== undefined);
}

/** @type {Record<string, (argument: string) => unknown>} */
const commands = {
  clock: (time) => void (clock = Number(time)),
  who,
  "log in": async (count) => Promise.all(Array.from({ length: Number(count) }, () => logIn())),
  "go on": async (count) => {
    state.going = true;
    await logIn();
    logIns = Promise.all(Array.from({ length: Number(count) }, logInUntilStopped)).then((all) =>
      all.flat(),
    );
  },
  stop: () => {
    state.going = false;
    return logIns;
  },
  watch: async (cookie) => {
    await who(cookie);
    watching = watch(cookie);
  },
  revoked: () => void (state.revoked = true),
  counted: () => watching,
  end: () => process.exit(),
};

await table.get("warm");
process.stdout.write("ready\n");
for await (const line of createInterface({ input: process.stdin })) {
  const [command = "", argument = ""] = line.split("\t");
  const answer = await commands[command]?.(argument);
  process.stdout.write(`${JSON.stringify(answer ?? null)}\n`);
}
