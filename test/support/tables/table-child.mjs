// A process, or a worker thread, that shares a database on disk with the test that has started it. It runs the built
// package: node table-child.mjs <database> <task> <path> <argument>. What it has to say goes to stdout, line by line.
import { writeSync } from "node:fs";
import process from "node:process";
import { isMainThread } from "node:worker_threads";
import { requestStateOf } from "../../../dist/core/request/attach.js";
import { hostSessionsOf } from "../../../dist/core/sessions.js";
import { createSessions, tableStore } from "../../../dist/index.js";
import { openTable } from "./open-table.mjs";

const [database = "", task = "", path = "", argument = ""] = process.argv.slice(2);
const { table, close } = await openTable(database, path);
// The test's clock stands still at this time.
const now = () => Date.UTC(2040, 0, 1);
const sessions = createSessions({ store: tableStore({ table }), key: "sid", now });

/**
 * One request with a cookie: gives whether the session was there.
 * @param {string} cookie
 * @param {(session: import("../../../dist/core/request/session.js").RequestSession) => void} handler
 */
async function visit(cookie, handler) {
  const { session } = hostSessionsOf(sessions).begin(
    {
      anonymousOnError: false,
      isActivity: true,
      cookieHeader: () => `sid=${cookie}`,
      onFirstLook: () => true,
      isInsecure: () => false,
      isGone: () => false,
      onGone: () => {},
    },
    requestStateOf({}),
  );
  await session.fetch();
  const found = session.exposed.handle !== undefined;
  if (found) {
    handler(session.exposed);
    await session.commit();
  }
  return found;
}

/**
 * Says a line, which is out before anything else happens, also before this process is killed.
 * @param {string} line
 */
function say(line) {
  if (!isMainThread) return void process.stdout.write(`${line}\n`);
  let rest = Buffer.from(`${line}\n`);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      // The test has not read what was said before.
      if (/** @type {{ code?: unknown }} */ (error).code !== "EAGAIN") throw error;
    }
  }
}

/** Waits for the row "go", which the test inserts when everybody is ready. */
async function go() {
  say("ready");
  while (!(await table.get("go"))) await new Promise((resolve) => setImmediate(resolve));
}

/** @param {number} count @param {(index: number) => Promise<void>} make */
async function inParallel(count, make) {
  await Promise.all(Array.from({ length: count }, (_, index) => make(index)));
}

const tasks = {
  /** One commit. */
  async insert() {
    await table.insert(argument, { value: "inserted", version: 1, expiresAt: 1 }, 0);
  },

  /** Forty parallel requests, each of which adds one. */
  async increment() {
    let conflicts = 0;
    await go();
    await inParallel(40, async () => {
      for (let done = false; !done;) {
        // A conflict has written nothing: the request may be made again.
        done = await visit(argument, (session) => {
          session.update("n", (n) => Number(n ?? 0) + 1);
        }).catch((error) => {
          if (error.code !== "ERR_SESSION_CONFLICT") throw error;
          conflicts++;
          return false;
        });
      }
    });
    say(`conflicts ${conflicts}`);
  },

  /** Twenty-five parallel writers, each of which goes on until the session is gone. */
  async write() {
    let writes = 0;
    await go();
    await inParallel(25, async (index) => {
      for (let alive = true; alive;) {
        alive = await visit(argument, (session) =>
          session.put(`${process.pid} ${index}`, writes),
        ).catch((error) => {
          if (error.code !== "ERR_SESSION_CONFLICT") throw error;
          return true;
        });
        if (alive) writes++;
      }
    });
    say(`writes ${writes}`);
  },

  /** Commits to eight rows until it is killed, and says of each commit that it was acknowledged. */
  async commit() {
    await inParallel(8, async (index) => {
      const key = `${argument}-${index}`;
      let version = 0;
      await table.insert(key, { value: "0", version, expiresAt: 1 }, 0);
      for (let n = 1; ; n++) {
        // Long enough for pages of its own, and readable only when it is whole.
        const value = `${n} `.repeat(1 + ((n * 37) % 3_000));
        const answer = await table.replace(key, version, { value, version: n, expiresAt: n }, 0);
        if (answer !== "done")
          throw new Error(`another has written ${key}: ${JSON.stringify(answer)}`);
        version = n;
        say(`${key} ${n}`);
      }
    });
  },

  /** Writes until the disk takes no more, twenty rows at a time, and then shows that it lives. */
  async fill() {
    /** @type {unknown[]} */
    const errors = [];
    /** @type {string[]} */
    const acknowledged = [];
    for (let n = 0; errors.length < 60; n += 20) {
      await inParallel(20, async (index) => {
        const row = { value: "x".repeat(20_000), version: 1, expiresAt: 1 };
        try {
          await table.insert(`${argument}-${n + index}`, row, 0);
          acknowledged.push(`${argument}-${n + index}`);
        } catch (error) {
          errors.push(error);
        }
      });
    }
    const found = acknowledged.filter(
      (key) => /** @type {any} */ (table.get(key))?.value.length === 20_000,
    );
    say(`wrote ${acknowledged.length}, reads ${found.length}`);
    say(`errors ${errors.every((error) => error instanceof Error)}`);
  },

  /** Has writes under way, and then does nothing for a long time, as a process at a breakpoint does. */
  async block() {
    await go();
    for (let i = 0; i < 100; i++) {
      void table.insert(
        `${argument}-${i}`,
        { value: "x".repeat(10_000), version: 1, expiresAt: 1 },
        0,
      );
      if (i % 10 === 9) await new Promise((resolve) => setImmediate(resolve));
    }
    say("blocked");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  },
};

await tasks[/** @type {keyof typeof tasks} */ (task)]();
await close();
