/** The demo over real databases: what processes share, what a restart keeps, and what an outage does not end. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { startDemo } from "./server.ts";
import type { Demo } from "./server.ts";
import { hasOwnPostgres, startPostgres } from "../support/servers/postgres.ts";
import { DURABLE, redisProgram, startRedis } from "../support/servers/redis.ts";
import { freePort } from "../support/servers/servers.ts";

const NOBODY = "Nobody is signed in";

/** What ends with each test, the last first. */
const endings: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

async function start(env: NodeJS.ProcessEnv): Promise<Demo> {
  const demo = await startDemo(env);
  endings.push(() => demo.stop());
  return demo;
}

/** A place in the machine's temporary folder that no other test uses. */
function newPath(): string {
  const path = mkdtempSync(join(tmpdir(), "sojourn-demo-"));
  endings.push(async () => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A browser with one cookie, which it brings to every process of the demo. */
class Visitor {
  #cookie: string | undefined;
  readonly #store: string;

  constructor(store: string) {
    this.#store = store;
  }

  async press(demo: Demo, button: string, body = ""): Promise<Response> {
    const response = await fetch(`${demo.url}/${this.#store}/${button}`, {
      method: "POST",
      redirect: "manual",
      body,
      headers: { ...this.#headers(), "Content-Type": "application/x-www-form-urlencoded" },
    });
    const set = response.headers
      .getSetCookie()
      .find((cookie) => cookie.startsWith(`__Host-demo_${this.#store}=`));
    if (set !== undefined) this.#cookie = set.split(";", 1)[0];
    return response;
  }

  async signIn(demo: Demo, name: string): Promise<void> {
    expect((await this.press(demo, "sign-in", `name=${name}`)).status).toBe(303);
  }

  /** Who the page greets, and how far the counter is. */
  async sees(demo: Demo): Promise<readonly [greeting: string | undefined, count: number]> {
    const page = await (await this.get(demo)).text();
    const greeting = new RegExp(`Hello, \\w+|${NOBODY}`).exec(page)?.[0];
    return [greeting, Number(/class="count">(\d+)</.exec(page)?.[1])];
  }

  get(demo: Demo): Promise<Response> {
    return fetch(`${demo.url}/${this.#store}`, { headers: this.#headers() });
  }

  /** Another browser with the same cookie. */
  copy(): Visitor {
    const copy = new Visitor(this.#store);
    copy.#cookie = this.#cookie;
    return copy;
  }

  #headers(): Readonly<Record<string, string>> {
    return this.#cookie === undefined ? {} : { Cookie: this.#cookie };
  }
}

/** Signs in at one process, works at both, logs out at the other. */
async function shareSession(store: string, here: Demo, there: Demo): Promise<void> {
  const visitor = new Visitor(store);
  await visitor.signIn(here, "Ada");
  expect(await visitor.sees(there)).toEqual(["Hello, Ada", 0]);
  await visitor.press(there, "count");
  await visitor.press(here, "count");
  expect(await visitor.sees(here)).toEqual(["Hello, Ada", 2]);
  expect(await visitor.sees(there)).toEqual(["Hello, Ada", 2]);

  const copy = visitor.copy();
  await visitor.press(there, "sign-out");
  for (const demo of [here, there]) {
    expect(await copy.sees(demo)).toEqual([NOBODY, 0]);
    expect(await visitor.sees(demo)).toEqual([NOBODY, 0]);
  }
}

describe("the demo over LMDB", { timeout: 60_000 }, () => {
  it("LMDB opens first, and the page offers the stores that are configured", async () => {
    const response = await fetch((await start({})).url);
    expect(new URL(response.url).pathname).toBe("/lmdb");
    const links = [...(await response.text()).matchAll(/<a href="\/(\w+)"/g)];
    expect(links.map(([, name]) => name)).toEqual(["lmdb", "sealed", "table"]);
  });

  it("two processes on one path share a session", async () => {
    const env = { SOJOURN_LMDB_PATH: newPath() };
    await shareSession("lmdb", await start(env), await start(env));
  });

  it("two processes on two paths share no session", async () => {
    const visitor = new Visitor("lmdb");
    await visitor.signIn(await start({}), "Ada");
    expect(await visitor.sees(await start({}))).toEqual([NOBODY, 0]);
  });

  it.each(["SIGTERM", "SIGKILL"] as const)(
    "a session outlives a restart after %s",
    async (signal) => {
      const env = { SOJOURN_LMDB_PATH: newPath() };
      const visitor = new Visitor("lmdb");
      const before = await start(env);
      await visitor.signIn(before, "Ada");
      await visitor.press(before, "count");
      await before.stop(signal);
      expect(await visitor.sees(await start(env))).toEqual(["Hello, Ada", 1]);
    },
  );
});

/** A server that can be killed and started again, and how the demo learns of it. */
interface Fragile {
  readonly url: string;
  readonly server: { kill(): Promise<void> };
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const SERVERS: readonly (readonly [
  store: string,
  variable: string,
  has: boolean,
  startServer: () => Promise<Fragile>,
  urlAt: (port: number) => string,
])[] = [
  [
    "redis",
    "SOJOURN_REDIS_URL",
    redisProgram !== undefined,
    () => startRedis(DURABLE),
    (port) => `redis://:very-secret@127.0.0.1:${port}`,
  ],
  [
    "postgres",
    "SOJOURN_POSTGRES_URL",
    hasOwnPostgres,
    () => startPostgres(),
    (port) => `postgres://postgres:very-secret@127.0.0.1:${port}/postgres`,
  ],
];

describe.each(SERVERS)(
  "the demo over %s",
  { timeout: 60_000 },
  (store, variable, has, startServer, urlAt) => {
    it.skipIf(!has)(
      "two processes share a session, and none ends when the server dies",
      async () => {
        const server = await startServer();
        endings.push(() => server.stop());
        const env = { [variable]: server.url };
        const [here, there] = [await start({ ...env, SOJOURN_STORE: store }), await start(env)];
        expect(new URL((await fetch(here.url)).url).pathname).toBe(`/${store}`);
        await shareSession(store, here, there);

        const visitor = new Visitor(store);
        await visitor.signIn(here, "Grace");
        await server.server.kill();
        for (const response of [await visitor.get(here), await visitor.press(here, "sign-out")]) {
          expect(response.status).toBe(503);
          expect(await response.text()).toContain("Nobody was signed out.");
          const names = response.headers.getSetCookie().map((cookie) => cookie.split("=", 1)[0]);
          expect(names).not.toContain(`__Host-demo_${store}`);
        }
        expect((await fetch(`${here.url}/lmdb`)).status).toBe(200);
        await server.restart();
        await expect
          .poll(() => visitor.sees(here), { timeout: 20_000 })
          .toEqual(["Hello, Grace", 0]);
      },
    );

    it("the demo does not start if no server listens, and says so in one line without the password", async () => {
      const env = { [variable]: urlAt(await freePort()) };
      const said = await startDemo(env).then(() => "it started", String);
      expect(said).toMatch(new RegExp(`^Error: 1: [^\\n]+${variable}\\.\\n$`));
      expect(said).not.toContain("very-secret");
    });
  },
);

describe("the demo over LMDB without a folder", { timeout: 60_000 }, () => {
  it("the demo does not start if there can be no folder, and says so in one line", async () => {
    const file = join(newPath(), "file");
    writeFileSync(file, "no folder");
    const env = { SOJOURN_LMDB_PATH: file };
    await expect(startDemo(env)).rejects.toThrow(/^1: [^\n]+SOJOURN_LMDB_PATH[^\n]+\n$/);
  });
});
