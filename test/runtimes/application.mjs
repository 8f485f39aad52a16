// What a built application promises in every runtime, asked over HTTP.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { build, start } from "./start.mjs";

/** @typedef {import("../../scripts/runtimes.mjs").Runtime} Runtime */

/** A browser with one cookie. */
class Browser {
  /** @param {string} base where the application listens */
  constructor(base) {
    this.base = base;
    this.cookie = "";
  }

  /**
   * @param {string} path
   * @param {AbortSignal} [signal]
   */
  async ask(path, signal = AbortSignal.timeout(20_000)) {
    const response = await fetch(this.base + path, { headers: { cookie: this.cookie }, signal });
    const [set] = response.headers.getSetCookie();
    if (set) this.cookie = String(set.split(";")[0]);
    const body = /** @type {Record<string, string>} */ (await response.json());
    return { status: response.status, set, body };
  }

  /**
   * Asks, and resets the connection half a second later: the server knows that nobody waits for the answer.
   * @param {string} path
   */
  async reset(path) {
    const { hostname, port } = new URL(this.base);
    const socket = connect(Number(port), hostname);
    socket.on("error", () => {}); // A server may be faster.
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nCookie: ${this.cookie}\r\n\r\n`);
    await setTimeout(500);
    socket.resetAndDestroy();
  }
}

/** @typedef {readonly [title: string, run: (browser: Browser, store: string) => Promise<void>]} Case */

/** @type {readonly Case[]} */
const EVERYWHERE = [
  [
    "keeps what was put, and forgets it after a drop",
    async (browser, store) => {
      assert.equal((await browser.ask(`/${store}/get`)).set, undefined);
      assert.match((await browser.ask(`/${store}/put/user?ann`)).set ?? "", /; HttpOnly/);
      assert.deepEqual((await browser.ask(`/${store}/get`)).body, { user: "ann" });
      assert.equal((await browser.ask(`/${store}/drop`)).status, 200);
      assert.deepEqual((await browser.ask(`/${store}/get`)).body, {});
    },
  ],
  [
    "takes a cookie that was changed for no cookie",
    async (browser, store) => {
      await browser.ask(`/${store}/put/user?ann`);
      const { cookie } = browser;
      for (const wrong of [`${cookie}A`, cookie.slice(0, -2), `${store}=%00`, `${store}=`]) {
        browser.cookie = wrong;
        const { status, body } = await browser.ask(`/${store}/get`);
        assert.deepEqual([status, body], [200, {}]);
      }
    },
  ],
];

/** @type {readonly Case[]} */
const TABLES = [
  [
    "keeps the puts of requests that run at the same time",
    async (browser, store) => {
      await browser.ask(`/${store}/put/first?1`);
      const keys = Array.from({ length: 20 }, (_, at) => `key${at}`);
      const answers = await Promise.all(keys.map((key) => browser.ask(`/${store}/put/${key}?1`)));
      assert.ok(answers.every(({ status }) => status === 200));
      const { body } = await browser.ask(`/${store}/get`);
      assert.equal(Object.keys(body).length, 21);
    },
  ],
  [
    "opens nothing with a cookie from before a log-out",
    async (browser, store) => {
      await browser.ask(`/${store}/put/user?ann`);
      const before = browser.cookie;
      await browser.ask(`/${store}/renew`);
      assert.notEqual(browser.cookie, before);
      assert.deepEqual((await browser.ask(`/${store}/get`)).body, { user: "ann" });
      await browser.ask(`/${store}/drop`);
      browser.cookie = before;
      assert.deepEqual((await browser.ask(`/${store}/get`)).body, {});
    },
  ],
];

/** @type {Case} */
const CANCELLED = [
  "does not lose a session to a request that was cancelled in its commit",
  async (browser, store) => {
    await browser.ask(`/${store}/put/user?ann`);
    await browser.ask(`/${store}/stick`);
    await browser.reset(`/${store}/put/never?1`);
    const started = performance.now();
    const next = await browser.ask(`/${store}/put/next?1`);
    assert.ok(performance.now() - started < 6000, "the next write waits past the deadline");
    assert.equal(next.status, 200);
    assert.equal((await browser.ask(`/${store}/put/last?1`)).status, 200);
    const { body } = await browser.ask(`/${store}/get`);
    assert.equal(body["user"], "ann");
    assert.equal(body["next"], "1");
    assert.equal(body["last"], "1");
  },
];

/**
 * Builds the application for a runtime, runs it there and uses it; then sees that a wrong set-up is refused.
 * @param {Runtime} runtime
 * @returns {Promise<readonly string[]>} what went wrong
 */
export async function checkApplication(runtime) {
  const folder = mkdtempSync(join(tmpdir(), "sojourn-runtimes-"));
  const secret = randomBytes(32).toString("base64url");
  const { workerd } = runtime;
  try {
    const faults = [
      ...(await useApplication(runtime, folder, secret)),
      ...(await startsNot(runtime, folder, undefined, /SessionError: secret is missing/)),
    ];
    if (!workerd) return faults;
    const { oldest, refused } = workerd;
    faults.push(...(await useApplication({ ...runtime, workerd: oldest }, folder, secret)));
    for (const [settings, message] of refused) {
      faults.push(...(await startsNot({ ...runtime, workerd: settings }, folder, secret, message)));
    }
    return faults;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {import("./start.mjs").Startable} runtime
 * @param {string} folder
 * @param {string} secret
 * @returns {Promise<readonly string[]>}
 */
async function useApplication(runtime, folder, secret) {
  const application = await start(runtime, await build(runtime, folder, secret));
  const cases = [
    ...["sealed", "memory", "far"].flatMap((store) => EVERYWHERE.map((each) => ({ store, each }))),
    ...["memory", "far"].flatMap((store) => TABLES.map((each) => ({ store, each }))),
    { store: "far", each: CANCELLED },
  ];
  /** @type {string[]} */
  const faults = [];
  for (const { store, each } of cases) {
    const [title, run] = each;
    // One after the other: they share the machine, and one measures time.
    await run(new Browser(application.base), store).catch((/** @type {unknown} */ error) =>
      faults.push(`the application over ${store} ${title}: ${String(error)}`),
    );
  }
  await application.stop();
  return faults;
}

/**
 * @param {import("./start.mjs").Startable} runtime
 * @param {string} folder
 * @param {string | undefined} secret
 * @param {RegExp} message
 * @returns {Promise<readonly string[]>}
 */
async function startsNot(runtime, folder, secret, message) {
  const what = `an application that should be refused with ${message}`;
  try {
    const application = await start(runtime, await build(runtime, folder, secret));
    await application.stop();
    return [`${what} started`];
  } catch (error) {
    return message.test(String(error)) ? [] : [`${what}: ${String(error)}`];
  }
}
