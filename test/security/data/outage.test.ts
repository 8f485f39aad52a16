/** A store that fails: nothing opens, nobody is logged out, and nobody gets another one's session. */
import { randomBytes } from "node:crypto";
import { Redis } from "ioredis";
import { Pool } from "pg";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import type { SessionTable } from "../../../src/core/store.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { postgresTable } from "../../../src/tables/postgres.ts";
import { redisTable } from "../../../src/tables/redis.ts";
import { storeKinds } from "../../contracts/hosts/stores.ts";
import { open as openHost } from "../../contracts/hosts/world.ts";
import { Proxy as BrokenNetwork } from "../../support/servers/proxy.ts";
import { hasPostgres } from "../../support/servers/postgres.ts";
import { hasRedis } from "../../support/servers/redis.ts";
import { everyHost } from "../support/hosts.ts";
import { row } from "../support/row.ts";
import { World, cookieOf } from "../support/world.ts";

/** Behind a network that the test breaks. */
interface Remote {
  readonly table: SessionTable;
  readonly network: BrokenNetwork;
}

async function remoteRedis(): Promise<Remote> {
  const url = new URL(inject("redis") ?? "");
  const network = await BrokenNetwork.before(Number(url.port));
  const prefix = `outage:${randomBytes(8).toString("hex")}:`;
  const client = new Redis(network.port, "127.0.0.1", {
    maxRetriesPerRequest: 0,
    retryStrategy: () => 20,
  });
  client.on("error", () => {});
  onTestFinished(async () => {
    client.disconnect();
    await network.close();
  });
  return { table: redisTable(client, { prefix }), network };
}

async function remotePostgres(): Promise<Remote> {
  const url = new URL(inject("postgres") ?? "");
  const network = await BrokenNetwork.before(Number(url.port));
  url.port = String(network.port);
  const pool = new Pool({ connectionString: url.href, connectionTimeoutMillis: 1000 });
  pool.on("error", () => {});
  onTestFinished(async () => {
    network.recover();
    network.cutAll();
    await pool.end();
    await network.close();
  });
  const table = postgresTable(pool, { table: `outage_${randomBytes(6).toString("hex")}` });
  await table.migrate();
  return { table, network };
}

const REMOTES = [
  { name: "Redis", missing: !hasRedis, connect: remoteRedis },
  { name: "PostgreSQL", missing: !hasPostgres, connect: remotePostgres },
];

function worldOver(table: SessionTable): World {
  const place = { table, dump: async () => "", rows: new Set<string>(), asked: [] };
  return new World({ ...place, store: () => tableStore({ table, timeout: 0.5 }) });
}

/** What a request came to: what it read, or the code of its error. */
async function attempt(world: World, header: string | undefined): Promise<unknown> {
  return world.read(world.sessions(), header).then(
    ({ read }) => read["user"] ?? "nobody",
    (error: { code?: string }) => error.code,
  );
}

row("S35", () => {
  for (const { name, missing, connect } of REMOTES) {
    describe.skipIf(missing)(name, () => {
      test.each<
        readonly [trouble: string, start: (network: BrokenNetwork, cookie: string) => void]
      >([
        ["is reset", (network) => network.cutAll()],
        [
          "is reset before a request arrives",
          (network, mention) => network.cutNext("before the request", mention),
        ],
        [
          "is reset before an answer arrives",
          (network, mention) => network.cutNext("before the answer", mention),
        ],
        ["is silent", (network) => network.silence("all")],
      ])(
        "while the network %s, a request fails or reads its own session, and never another or none",
        async (_trouble, start) => {
          const { table, network } = await connect();
          const world = worldOver(table);
          const users = ["alice", "bob", "carol"];
          const browsers = await Promise.all(users.map((user) => world.signedIn(user)));
          const handle = Buffer.from(cookieOf(browsers[1] ?? world.browser()), "base64url");
          start(network, handle.toString("base64url", 0, 16));
          const came = await Promise.all(browsers.map(({ jar }) => attempt(world, jar.header)));
          for (const [at, each] of came.entries()) {
            expect([users[at], "ERR_SESSION_STORE"]).toContain(each);
          }
          network.recover();
          // Afterwards everybody is who they were: an outage was no log-out.
          for (const [at, { jar }] of browsers.entries()) {
            await expect
              .poll(() => attempt(world, jar.header), { timeout: 15_000, interval: 50 })
              .toBe(users[at]);
          }
        },
      );

      test("a log-out whose answer is lost is an error or a log-out, and never only looks like one", async () => {
        const { table, network } = await connect();
        const world = worldOver(table);
        const sessions = world.sessions();
        const browser = await world.signedIn("alice", sessions);
        const { header } = browser.jar;
        const request = await browser.begin();
        request.run((conn) => {
          sessions.getSession(conn);
          sessions.dropSession(conn);
        });
        network.silence("all");
        const outcome = await request.finish().then(
          ({ setCookie }) => (setCookie?.startsWith("sid=;") ? "logged out" : "kept"),
          (error: { code?: string }) => error.code,
        );
        network.recover();
        expect(outcome).toBe("ERR_SESSION_STORE");
        // The browser still has its cookie, and the next log-out ends it.
        await expect
          .poll(() => attempt(world, header), { timeout: 15_000, interval: 50 })
          .toBe("alice");
        await browser.visit((conn) => sessions.dropSession(conn));
        expect(await attempt(world, header)).toBe("nobody");
      });
    });
  }

  const later = storeKinds.filter(({ table }) => table !== "none");
  everyHost((driver) => {
    test.each(later)(
      "with $name that fails, the host answers with its error page or as to a stranger, by the option, and never logs in",
      async (stores) => {
        for (const onStoreError of ["throw", "anonymous"] as const) {
          const world = await openHost({ driver, stores }, ({ sessions }) => ({
            middleware: [{ sessions, options: { onStoreError } }],
            handle({ conn, path }) {
              if (path === "/log-in") sessions.putSession(conn, "user", "ada");
              return { body: `hello ${sessions.getSession(conn, "user")}` };
            },
          }));
          const browser = world.browser();
          expect((await browser.get("/log-in")).body).toBe("hello ada");
          if (world.table) world.table.reads = "failing";
          const { status, body, cookies } = await browser.get("/");
          expect([status, body]).toEqual(
            onStoreError === "throw" ? [500, "ERR_SESSION_STORE"] : [200, "hello undefined"],
          );
          expect(cookies).toEqual([]);
          // To write for a stranger where nothing is known would take the session away.
          expect((await browser.get("/log-in")).status).toBe(500);
          if (world.table) world.table.reads = "answered";
          expect((await browser.get("/")).body).toBe("hello ada");
        }
      },
    );
  });
});
