/** What is said of a session, on purpose or by accident, by the objects that an application holds and may log. */
import { randomBytes } from "node:crypto";
import { inspect } from "node:util";
import { type } from "arktype";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { z } from "zod";
import { createSessions } from "../../../src/core/sessions.ts";
import { session } from "../../../src/adapters/express.ts";
import { newSecret } from "../../../src/crypto/secret.ts";
import { cookieStore } from "../../../src/stores/cookie/cookie-store.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { lmdbTable } from "../../../src/tables/lmdb.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { postgresTable } from "../../../src/tables/postgres.ts";
import { redisTable } from "../../../src/tables/redis.ts";
import { LeakScanner } from "../../support/leaks.ts";
import { hasPostgres } from "../../support/servers/postgres.ts";
import { POSTGRES_CLIENTS } from "../../support/servers/postgres-clients.ts";
import type { OpenPostgresClient } from "../../support/servers/postgres-clients.ts";
import { hasRedis } from "../../support/servers/redis.ts";
import { REDIS_CLIENTS } from "../../support/servers/redis-clients.ts";
import type { OpenRedisClient } from "../../support/servers/redis-clients.ts";
import { visit } from "../../support/visit.ts";
import { incident, row } from "../support/row.ts";
import { everyStore } from "../support/stores.ts";
import { KEY, World, cookieOf, handleOf } from "../support/world.ts";

/** All that a logger may make of a value. */
function saidOf(value: unknown): string {
  const texts = [
    inspect(value, { depth: 12, maxStringLength: null, maxArrayLength: null }),
    inspect(value, { depth: 12, showHidden: true, getters: false }),
    String(value),
    Object.getOwnPropertyNames(Object(value)).join(),
  ];
  try {
    texts.push(JSON.stringify(value));
  } catch {
    // What JSON refuses says nothing.
  }
  if (value instanceof Error) texts.push(value.stack ?? "", saidOf(value.cause));
  return texts.join("\n");
}

/** Fails with what was found. The watch of the set-up file would find it too, at the end of the file. */
function expectSilent(
  world: World,
  cookie: string,
  values: Readonly<Record<string, unknown>>,
): void {
  const scanner = new LeakScanner();
  scanner.confide(world.canary);
  scanner.confideCookie(cookie);
  for (const [what, value] of Object.entries(values)) scanner.hear(what, saidOf(value));
  expect(scanner.found()).toEqual([]);
}

row("S32", () => {
  everyStore((open) => {
    test("a session, its helpers, its store and its table say nothing when they are logged", async () => {
      const world = new World(await open());
      const store = world.place.store();
      const sessions = world.sessions({}, store);
      const browser = await world.signedIn("alice", sessions);
      const request = await browser.begin();
      const session = request.run((conn) => sessions.of(conn));
      session.put("other", `${world.canary} again`);
      session.flash("message", world.canary);
      const { conn } = request;
      const { table } = world.place;
      expectSilent(world, cookieOf(browser), { session, conn, sessions, store, table });
      await request.finish();
      expectSilent(world, cookieOf(browser), { session });
      expect(inspect(session)).toContain(session.handle);
    });

    test("the error about a value tells the place of the value, and not the value", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const browser = await world.signedIn("alice", sessions);
      const errors: unknown[] = [];
      const wrong: readonly unknown[] = [
        { deep: [world.canary, () => world.canary] },
        new Map([["key", Symbol(world.canary)]]),
        new Map([[world.canary, () => 1]]),
        { deep: new Map([["key", new Map([[world.canary, [Symbol("x")]]])]]) },
        new Set([new Map([[world.canary, Symbol("x")]])]),
        Object.assign(Object.create({ constructor: class Plain {} }), {
          constructor: { name: world.canary },
        }),
        Object.assign(() => {}, { canary: world.canary }),
        new (class Secret {
          canary = world.canary;
        })(),
        Buffer.from(world.canary),
      ];
      await browser.visit((conn) => {
        for (const each of wrong) errors.push(thrownBy(() => sessions.putSession(conn, "x", each)));
        errors.push(thrownBy(() => Reflect.set(sessions.of(conn), "user_id", world.canary)));
        errors.push(thrownBy(() => sessions.updateSession(conn, "x", world.canary as never)));
      });
      expect(errors.filter((each) => each instanceof Error).length).toBeGreaterThan(6);
      expectSilent(world, cookieOf(browser), { ...errors });
    });

    test("the error about a schema does not quote the schema's own words, which may hold the value", async () => {
      const world = new World(await open());
      const number = [z.number(), v.number(), type("number")] as const;
      const email = [z.email(), v.pipe(v.string(), v.email()), type("string.email")] as const;
      for (const schema of [...number, ...email]) {
        const sessions = createSessions({
          store: world.place.store(),
          key: KEY,
          schema: { x: schema },
        });
        const errors: unknown[] = [];
        const { setCookie } = await visit(sessions, undefined, (conn) => {
          errors.push(thrownBy(() => sessions.putSession(conn, "x", world.canary)));
          errors.push(thrownBy(() => sessions.updateSession(conn, "x", () => world.canary)));
        });
        expect(setCookie).toBeUndefined();
        expect(errors).toMatchObject([
          { code: "ERR_SESSION_SCHEMA" },
          { code: "ERR_SESSION_SCHEMA" },
        ]);
        expectSilent(world, "", { errors, put: errors[0], update: errors[1] });
      }
    });

    test("the error about a schema tells no key of a Map and no element of a Set", async () => {
      const world = new World(await open());
      const text = v.pipe(v.string(), v.maxLength(3));
      const schemas = [
        [z.map(z.string(), z.number()), new Map([[world.canary, "text"]])],
        [z.map(z.string().max(3), z.number()), new Map([[world.canary, 1]])],
        [v.map(v.string(), v.object({ a: v.number() })), new Map([[world.canary, { a: "text" }]])],
        [z.set(z.string().max(3)), new Set([world.canary])],
        [v.set(text), new Set([world.canary])],
        [
          z.object({ a: z.array(z.map(z.string(), z.object({ b: z.number() }))) }),
          { a: [new Map([[world.canary, { b: "text" }]])] },
        ],
      ] as readonly (readonly [schema: unknown, value: unknown])[];
      const errors: unknown[] = [];
      for (const [schema, value] of schemas) {
        const store = world.place.store();
        const sessions = createSessions({ store, key: KEY, schema: { x: schema as z.ZodType } });
        await visit(sessions, undefined, (conn) => {
          errors.push(thrownBy(() => sessions.putSession(conn, "x", value)));
        });
      }
      expect(errors).toMatchObject(schemas.map(() => ({ code: "ERR_SESSION_SCHEMA" })));
      expect(String(errors.at(-1))).toContain('"x.a[0].(key).b"');
      expectSilent(world, "", { errors });
    });

    test("the error about a session that is too large names its keys and their sizes, and no value", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const browser = await world.signedIn("alice", sessions);
      const request = await browser.begin();
      request.run((conn) => sessions.putSession(conn, "long", world.canary.repeat(30_000)));
      const error = await request.finish().catch((error: unknown) => error);
      expect(error).toMatchObject({
        code: expect.stringMatching(/OVERFLOW|SERIALIZABLE/) as string,
      });
      expectSilent(world, cookieOf(browser), { error });
    });

    test("the events of a whole life, with every kind of refusal, say nothing secret", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const browser = await world.signedIn("alice", sessions);
      const cookie = cookieOf(browser);
      const events: unknown[] = [];
      const twisted = (cookie.startsWith("A") ? "B" : "A") + cookie.slice(1);
      for (const header of [
        `sid=${cookie}; sid=${twisted}`,
        `sid=${cookie}x`,
        `sid=${cookie.slice(0, -1)}`,
        `sid=${cookie}; sid=${cookieOf(await world.signedIn("bob", sessions))}`,
        Array.from({ length: 9 }, () => `sid=${cookie}`).join("; "),
        `sid="${cookie}"`,
      ]) {
        events.push(...(await world.write(sessions, header)).events);
      }
      await world.signIn(browser);
      events.push(...(await browser.visit((conn) => sessions.dropSession(conn))).events);
      world.time.pass(1e7);
      events.push(...(await world.read(sessions, `sid=${cookie}`)).events);
      expect(events.length).toBeGreaterThan(6);
      expectSilent(world, cookie, { events });
    });
  });
});

row("S32", () => {
  const URL = "redis://app:hunter2-hunter2@db.internal:6379";
  const SECRET = "V2hhdCBhIGxvbmcgYW5kIHJhbmRvbSBzZWNyZXQgdGhpcyBpcw";
  const store = tableStore({ table: createTable() });

  test.each<readonly [where: string, setUp: (text: never) => unknown]>([
    ["the table of tableStore", (table) => tableStore({ table })],
    [
      "the revocations of cookieStore",
      (revocations) => cookieStore({ secret: newSecret(), revocations }),
    ],
    [
      "the name of a table that exists with other options",
      (name) => {
        createTable(name);
        createTable(name, { maxRows: 1 });
      },
    ],
    ["the store", (given) => createSessions({ store: given, key: KEY })],
    ["the key", (key) => createSessions({ store, key: `${String(key)};` })],
    ["the path", (path) => createSessions({ store, key: KEY, path })],
    ["the domain", (domain) => createSessions({ store, key: KEY, domain: `${String(domain)};` })],
    ["a lifetime", (lifetime) => createSessions({ store, key: KEY, lifetime })],
    ["the limit", (limit) => createSessions({ store, key: KEY, subject: "user", limit })],
    ["the name of lmdbTable", (name) => lmdbTable({ path: "data", name: [name] as never })],
    ["the table of postgresTable", (table) => postgresTable({ query() {} } as never, { table })],
    [
      "onStoreError of a host",
      (onStoreError) => session(createSessions({ store, key: KEY }), { onStoreError }),
    ],
  ])(
    "the error about %s does not say the URL or the secret that stands in its place",
    (_where, setUp) => {
      for (const text of [URL, SECRET]) {
        const error = thrownBy(() => setUp(text as never));
        expect(error).toMatchObject({ code: "ERR_SESSION_CONFIG" });
        expect(String(error)).not.toContain("hunter2");
        expect(String(error)).not.toContain(SECRET);
      }
    },
  );

  test("the error about a folder that LMDB cannot open does not say the URL that stands in its place", () => {
    const error = thrownBy(() => lmdbTable({ path: `/dev/null/${URL}` }));
    expect(error).toMatchObject({ code: "ERR_SESSION_CONFIG" });
    expect(String(error)).not.toContain("hunter2");
  });
});

incident("CVE-2023-20866", () => {
  everyStore((open) => {
    test("nothing is printed at all, in a whole life of a session", async () => {
      const world = new World(await open());
      const said: unknown[] = [];
      const { stdout, stderr } = process;
      const writes = [stdout.write, stderr.write] as const;
      stdout.write = stderr.write = (...args: unknown[]) => said.push(args) > 0;
      try {
        const sessions = world.sessions();
        const browser = await world.signedIn("alice", sessions);
        await world.write(sessions, `${browser.jar.header}x`);
        await world.signIn(browser);
        await browser.visit((conn) => sessions.dropSession(conn));
      } finally {
        [stdout.write, stderr.write] = writes;
      }
      expect(said).toEqual([]);
    });
  });

  /** A write that its database refuses, as it does when somebody has changed the table below. */
  async function refusedWrite(
    table: Parameters<typeof tableStore>[0]["table"],
    spoil: (handle: string) => Promise<unknown>,
  ): Promise<void> {
    const place = { table: undefined, dump: async () => "", rows: new Set<string>(), asked: [] };
    const world = new World({ ...place, store: () => tableStore({ table }) });
    const sessions = world.sessions();
    const browser = await world.signedIn("alice", sessions);
    const request = await browser.begin();
    request.run((conn) => sessions.putSession(conn, "more", `more ${world.canary}`));
    await spoil(handleOf(cookieOf(browser)));
    const error = await request.finish().catch((error: unknown) => error);
    expect(error).toMatchObject({ code: "ERR_SESSION_STORE" });
    expectSilent(world, cookieOf(browser), { error });
  }

  describe.skipIf(!hasRedis).each(REDIS_CLIENTS)("Redis by %s", (_name, openClient) => {
    let opened: OpenRedisClient;
    beforeAll(async () => {
      opened = await openClient(inject("redis") ?? "");
    });
    afterAll(() => opened?.close());

    test("an error of Redis tells nothing of the row that it refused", async () => {
      const prefix = `security:${randomBytes(8).toString("hex")}:`;
      const client = opened.client as unknown as {
        set(key: string, value: string): Promise<unknown>;
      };
      await refusedWrite(redisTable(opened.client, { prefix }), (handle) =>
        client.set(prefix + handle, "of another type"),
      );
    });
  });

  describe.skipIf(!hasPostgres).each(POSTGRES_CLIENTS)("PostgreSQL by %s", (_name, openClient) => {
    let opened: OpenPostgresClient;
    beforeAll(async () => {
      opened = await openClient(inject("postgres") ?? "");
    });
    afterAll(() => opened?.close());

    test("an error of PostgreSQL tells nothing of the row that it refused", async () => {
      const name = `leaks_${randomBytes(6).toString("hex")}`;
      const table = postgresTable(opened.client, { table: name });
      await table.migrate();
      await refusedWrite(table, () =>
        opened.run(`ALTER TABLE ${name} ADD CHECK (expires_at < 0) NOT VALID`),
      );
    });
  });
});

function thrownBy(run: () => unknown): unknown {
  try {
    run();
    return "nothing";
  } catch (error) {
    return error;
  }
}
