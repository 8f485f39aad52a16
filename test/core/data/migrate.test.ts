/** Stored data meets the schema of a newer version of the application. */
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { createSessions } from "../../../src/core/sessions.ts";
import type { StandardSchemaV1 } from "../../../src/core/data/standard-schema.ts";
import type { SessionStore } from "../../../src/core/store.ts";
import type { AnySessions, Conn } from "../../../src/core/types.ts";
import { cookieStore } from "../../../src/stores/cookie/cookie-store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { AsyncTable } from "../../support/tables/async-table.ts";
import { clock } from "../../support/clock.ts";
import { CookieJar } from "../../support/cookie-jar.ts";
import { commits, refusals, stops } from "../../support/events.ts";
import { SECRET } from "../../support/secrets.ts";
import { STORES, TABLES } from "../../support/stores.ts";
import { Visit, visit } from "../../support/visit.ts";
import type { Answer, VisitOptions } from "../../support/visit.ts";

const { now } = clock();
const impossible = expect.objectContaining({ code: "ERR_SESSION_CONFIG" });

/** A browser, and the versions of one application that answer it: one store, one cookie, several schemas. */
class World {
  readonly jar = new CookieJar(now);
  readonly #store: SessionStore;

  constructor(store: SessionStore) {
    this.#store = store;
  }

  version(options: Record<string, unknown> = {}): AnySessions {
    return createSessions({ store: this.#store, key: "session", now, ...options });
  }

  async visit<T>(
    sessions: AnySessions,
    handler: (conn: Conn) => T,
    options?: VisitOptions,
  ): Promise<Answer & { readonly result: Awaited<T> }> {
    const answer = await visit(sessions, this.jar.header, handler, options);
    this.jar.take(answer.headers.getSetCookie());
    return answer;
  }

  /** Stores data as a version without a schema does. */
  async store(data: Record<string, unknown>): Promise<void> {
    const sessions = this.version();
    await this.visit(sessions, (conn) => {
      for (const [key, value] of Object.entries(data)) sessions.putSession(conn, key, value);
    });
  }

  /** What is stored, as a version without a schema sees it. */
  async stored(): Promise<unknown> {
    const sessions = this.version();
    return (await this.visit(sessions, (conn) => sessions.getSession(conn) as unknown)).result;
  }
}

describe.each(STORES)("stored data that fits the schema, with %s", (_, make) => {
  it("the data is shown as the schema gives it, and only a write stores it so, for its key", async () => {
    const world = new World(make());
    await world.store({ item: { sku: "a" }, user: "ann" });
    const sessions = world.version({
      schema: {
        item: z.object({ sku: z.string(), count: z.number().default(1) }),
        user: z.string(),
      },
    });
    const read = await world.visit(sessions, (conn) => sessions.getSession(conn, "item"));
    expect(read.result).toEqual({ sku: "a", count: 1 });
    expect(commits(read.events)).toEqual([]);
    expect(await world.stored()).toEqual({ item: { sku: "a" }, user: "ann" });
    await world.visit(sessions, (conn) => sessions.putSession(conn, "user", "bob"));
    expect(await world.stored()).toEqual({ item: { sku: "a" }, user: "bob" });
    await world.visit(sessions, (conn) =>
      sessions.updateSession(conn, "item", (item) => ({ ...item, sku: "b" }) as never),
    );
    expect(await world.stored()).toEqual({ item: { sku: "b", count: 1 }, user: "bob" });
  });

  it("keys that the schema does not name are not shown, and not lost", async () => {
    const world = new World(make());
    await world.store({ user: "ann", theme: "dark", ["__proto__"]: "key" });
    const sessions = world.version({ schema: { user: z.string(), cart: z.any() } });
    const { result, events } = await world.visit(sessions, (conn) => {
      const seen = sessions.getSession(conn) as unknown;
      sessions.putSession(conn, "user", "bob");
      sessions.deleteSession(conn, "theme");
      return [seen, sessions.getSession(conn, "theme")];
    });
    expect(result).toEqual([{ user: "ann" }, undefined]);
    expect(refusals(events)).toEqual([]);
    expect(await world.stored()).toEqual({ user: "bob", theme: "dark", ["__proto__"]: "key" });
  });
});

describe.each(STORES)("stored data that does not fit the schema, with %s", (name, make) => {
  const schema = { user: z.string(), visits: z.number() };

  it("the data is refused with an event, the session is empty, and the cookie stays", async () => {
    const world = new World(make());
    await world.store({ user: 7, visits: 1 });
    const sessions = world.version({ schema });
    const answer = await world.visit(sessions, (conn) => [
      sessions.getSession(conn) as unknown,
      sessions.of(conn).handle,
    ]);
    expect(answer.result).toEqual([{}, undefined]);
    expect(refusals(answer.events)).toEqual(["schema"]);
    expect(answer.setCookie).toBeUndefined();
  });

  it("a write does not overwrite the data", async () => {
    const world = new World(make());
    await world.store({ user: 7, visits: 1 });
    const sessions = world.version({ schema });
    const answer = await world.visit(sessions, (conn) => {
      sessions.putSession(conn, "visits", 2);
      sessions.configureSession(conn, "persist", true);
    });
    expect(commits(answer.events)).toEqual([]);
    expect(answer.setCookie).toBeUndefined();
    expect(await world.stored()).toEqual({ user: 7, visits: 1 });
  });

  it.each([
    ["that renews", {}, true],
    ["by its subject", { subject: "user" }, false],
  ])("a log-in %s replaces the data", async (_case, options, renew) => {
    const world = new World(make());
    await world.store({ user: 7 });
    const before = world.jar.header;
    const sessions = world.version({ schema, ...options });
    const answer = await world.visit(sessions, (conn) => {
      sessions.putSession(conn, "user", "ann");
      if (renew) sessions.renewSession(conn);
    });
    expect(commits(answer.events)).toEqual(["create"]);
    expect(await world.stored()).toEqual({ user: "ann" });
    // The old one is as it was, for a version that can read it.
    const old = world.version();
    const { result } = await visit(old, before, (conn) => old.getSession(conn) as unknown);
    expect(result).toEqual({ user: 7 });
  });

  it("a log-out ends the data", async () => {
    const world = new World(make());
    await world.store({ user: 7 });
    const before = world.jar.header;
    const sessions = world.version({ schema });
    const answer = await world.visit(sessions, (conn) => sessions.dropSession(conn));
    expect(commits(answer.events)).toEqual(["drop"]);
    expect(answer.setCookie).toContain("Max-Age=0");
    expect(world.jar.header).toBeUndefined();
    const old = world.version();
    const { result } = await visit(old, before, (conn) => old.getSession(conn) as unknown);
    // A sealed cookie that was copied lives until its deadline.
    expect(result).toEqual(name === "the cookie store" ? { user: 7 } : {});
  });

  it("migrate sees all data, frozen, and only the next write stores what it gives", async () => {
    const world = new World(make());
    await world.store({ user: { id: "ann" }, visits: 1, gone: true });
    const seen: unknown[] = [];
    const sessions = world.version({
      schema,
      migrate(old: { user: { id: string }; visits: number }) {
        seen.push(old);
        expect(() => Object.assign(old, { user: "x" })).toThrow(TypeError);
        expect(() => Object.assign(old.user, { id: "x" })).toThrow(TypeError);
        return { user: old.user.id, visits: old.visits };
      },
    });
    const read = await world.visit(sessions, (conn) => sessions.getSession(conn) as unknown);
    expect(read.result).toEqual({ user: "ann", visits: 1 });
    expect(seen).toEqual([{ user: { id: "ann" }, visits: 1, gone: true }]);
    expect([refusals(read.events), commits(read.events)]).toEqual([[], []]);
    expect(await world.stored()).toEqual({ user: { id: "ann" }, visits: 1, gone: true });

    const write = await world.visit(sessions, (conn) =>
      sessions.updateSession(conn, "visits", (visits = 0) => (visits as number) + 1),
    );
    expect(commits(write.events)).toEqual(["write"]);
    expect(await world.stored()).toEqual({ user: "ann", visits: 2 });
    seen.length = 0;
    await world.visit(sessions, (conn) => sessions.getSession(conn) as unknown);
    expect(seen).toEqual([]);
  });

  it("migrate moves a key that has another name now", async () => {
    const world = new World(make());
    await world.store({ userId: "ann", theme: "dark" });
    const sessions = world.version({
      schema,
      subject: "user",
      migrate: ({ userId, ...old }: { userId?: string }) =>
        userId && { ...old, user: userId, visits: undefined },
    });
    const read = await world.visit(sessions, (conn) => sessions.getSession(conn) as unknown);
    expect(read.result).toEqual({ user: "ann" });
    // The subject is the same as before, so that reading renews nothing.
    expect(commits(read.events)).toEqual([]);
    await world.visit(sessions, (conn) => sessions.putSession(conn, "visits", 1));
    expect(await world.stored()).toEqual({ user: "ann", visits: 1 });
  });

  it("the data is refused if the result of migrate does not fit, or migrate does not know the data", async () => {
    const world = new World(make());
    await world.store({ user: 7 });
    for (const migrated of [{ user: 8 }, { visits: "one" }, undefined]) {
      const sessions = world.version({ schema, migrate: () => migrated });
      const read = await world.visit(sessions, (conn) => sessions.getSession(conn) as unknown);
      expect(read.result).toEqual({});
      expect(refusals(read.events)).toEqual(["schema"]);
    }
  });

  it("migrate may give nothing, and the session goes on, empty", async () => {
    const world = new World(make());
    await world.store({ user: 7 });
    const sessions = world.version({ schema, migrate: () => ({}) });
    const read = await world.visit(sessions, (conn) => sessions.getSession(conn) as unknown);
    expect([read.result, refusals(read.events)]).toEqual([{}, []]);
    await world.visit(sessions, (conn) => sessions.putSession(conn, "user", "ann"));
    expect(await world.stored()).toEqual({ user: "ann" });
  });

  it("keys without a name in the schema stay if migrate does not know the data", async () => {
    const world = new World(make());
    await world.store({ user: "ann", theme: "dark" });
    const sessions = world.version({ schema, migrate: () => undefined });
    await world.visit(sessions, (conn) => sessions.putSession(conn, "visits", 1));
    expect(await world.stored()).toEqual({ user: "ann", theme: "dark", visits: 1 });
  });
});

describe.each(STORES)("a migrate that fails, with %s", (_, make) => {
  const schema = { user: z.string() };
  const cause = new Error("no such field");

  it.each([
    ["a promise", async () => ({ user: "ann" })],
    ["a promise that fails", () => new Promise((_resolve, reject) => setImmediate(reject, cause))],
    ["a list", () => []],
    ["text", () => "ann"],
    ["null", () => null],
  ])(
    "a migrate that gives %s is an error of the set-up, even where outages are none",
    async (_n, migrate) => {
      const world = new World(make());
      await world.store({ user: 7 });
      const sessions = world.version({ schema, migrate });
      const options = { anonymousOnError: true };
      const look = (conn: Conn): void => void sessions.getSession(conn);
      await expect(world.visit(sessions, look, options)).rejects.toThrow(impossible);
      expect(await world.stored()).toEqual({ user: 7 });
    },
  );

  it("a migrate that throws leaves the session as it was", async () => {
    const world = new World(make());
    await world.store({ user: 7 });
    const sessions = world.version({
      schema,
      migrate() {
        throw cause;
      },
    });
    await world.visit(
      sessions,
      (conn) => {
        const failed = expect.objectContaining({ code: "ERR_SESSION_SCHEMA", cause });
        expect(() => sessions.getSession(conn)).toThrow(failed);
        expect(() => sessions.putSession(conn, "user", "ann")).toThrow(failed);
      },
      { anonymousOnError: true },
    );
    expect(await world.stored()).toEqual({ user: 7 });
  });
});

describe.each(TABLES)("requests of two versions at once, with %s", (_, make) => {
  const schema = { user: z.string(), a: z.number(), b: z.number() };
  const migrate = ({ id }: { id?: string }): unknown => id && { user: id };

  it("both requests write to a session that both have to migrate", async () => {
    const world = new World(tableStore({ table: make() }));
    await world.store({ id: "ann" });
    const sessions = world.version({ schema, migrate, subject: "user" });
    const one = await Visit.begin(sessions, world.jar.header);
    const other = await Visit.begin(sessions, world.jar.header);
    one.run((conn) => sessions.putSession(conn, "a", 1));
    other.run((conn) => sessions.putSession(conn, "b", 2));
    await one.finish();
    await other.finish();
    expect(stops(other.events)).toEqual([]);
    expect(await world.stored()).toEqual({ user: "ann", a: 1, b: 2 });
  });

  it("a request migrates again what the old version has stored meanwhile", async () => {
    const world = new World(tableStore({ table: make() }));
    await world.store({ id: "ann" });
    const sessions = world.version({
      schema,
      migrate: ({ id, n }: { id: string; n?: number }) => ({ user: id, b: n }),
    });
    const late = await Visit.begin(sessions, world.jar.header);
    late.run((conn) => sessions.putSession(conn, "a", 1));
    await world.store({ n: 2 });
    await late.finish();
    expect(await world.stored()).toEqual({ user: "ann", a: 1, b: 2 });
  });

  it("a request stops if what the other one has stored does not fit", async () => {
    const world = new World(tableStore({ table: make() }));
    await world.store({ user: "ann" });
    const sessions = world.version({ schema });
    const late = await Visit.begin(sessions, world.jar.header);
    late.run((conn) => sessions.putSession(conn, "a", 1));
    await world.store({ b: "two" });
    const { setCookie } = await late.finish();
    expect(stops(late.events)).toEqual(["schema"]);
    expect(setCookie).toBeUndefined();
    expect(await world.stored()).toEqual({ user: "ann", b: "two" });
  });

  it("a request with a token that was renewed away reads by its own schema, and clears no newer cookie", async () => {
    const world = new World(tableStore({ table: make() }));
    await world.store({ user: 7 });
    const before = world.jar.header;
    const old = world.version();
    await world.visit(old, (conn) => {
      old.putSession(conn, "user", "ann");
      old.renewSession(conn);
    });
    const sessions = world.version({ schema });
    const { result, events, setCookie } = await visit(sessions, before, (conn) => {
      const seen = sessions.getSession(conn) as unknown;
      sessions.dropSession(conn);
      return seen;
    });
    expect(result).toEqual({});
    expect(refusals(events)).toEqual(["schema"]);
    expect(setCookie).toBeUndefined();
    expect(await world.stored()).toEqual({ user: "ann" });
    const migrating = world.version({ schema, migrate: () => ({ user: "seven" }) });
    const read = await visit(migrating, before, (conn) => migrating.getSession(conn, "user"));
    expect(read.result).toBe("seven");
  });
});

describe.each(TABLES)("the subject of data that does not fit, with %s", (_, make) => {
  it("the data still has its subject, so that a log-out with the token before ends it", async () => {
    const world = new World(tableStore({ table: make() }));
    await world.store({ user: "ann" });
    const before = world.jar.header;
    const old = world.version({ subject: "user" });
    await world.visit(old, (conn) => {
      old.putSession(conn, "cart", "none");
      old.renewSession(conn);
    });
    const schema = { user: z.string(), cart: z.array(z.string()) };
    const sessions = world.version({ schema, subject: "user" });
    const { events } = await visit(sessions, before, (conn) => sessions.dropSession(conn));
    expect(commits(events)).toEqual(["drop"]);
    expect(await world.stored()).toEqual({});
  });

  it("the data has no subject if its subject does not fit", async () => {
    const world = new World(tableStore({ table: make() }));
    await world.store({ user: "ann" });
    const before = world.jar.header;
    const old = world.version();
    await world.visit(old, (conn) => {
      old.putSession(conn, "user", { id: "ann" });
      old.renewSession(conn);
    });
    const sessions = world.version({ schema: { user: z.string() }, subject: "user" });
    const { events } = await visit(sessions, before, (conn) => sessions.dropSession(conn));
    expect(stops(events)).toEqual(["retired"]);
    expect(await world.stored()).toEqual({ user: { id: "ann" } });
  });
});

describe("the check of stored data", () => {
  let checks = 0;
  const counting: StandardSchemaV1<unknown, string> = {
    "~standard": {
      version: 1,
      vendor: "test",
      validate(value) {
        if (value !== undefined) checks += 1;
        return typeof value === "string" ? { value } : { issues: [{ message: "no text" }] };
      },
    },
  };
  const read = (sessions: AnySessions) => (conn: Conn) => [
    sessions.getSession(conn, "user"),
    sessions.getSession(conn, "user"),
  ];

  it.each(STORES)("a request that looks checks once, with %s", async (name, make) => {
    const world = new World(make());
    await world.store({ user: "ann", n: 1 });
    const sessions = world.version({ schema: { user: counting, n: z.number() }, subject: "user" });
    checks = 0;
    await world.visit(sessions, () => {});
    // Whether a seal was revoked can only be asked by its subject.
    expect(checks).toBe(name.includes("revocations") ? 1 : 0);
    await world.visit(sessions, (conn) => {
      read(sessions)(conn);
      sessions.putSession(conn, "n", 2);
      sessions.renewSession(conn);
    });
    expect(checks).toBe(1);
  });

  it("an opened cookie is checked once for as long as it is remembered", async () => {
    const world = new World(cookieStore({ secret: SECRET }));
    await world.store({ user: "ann" });
    const sessions = world.version({ schema: { user: counting } });
    checks = 0;
    for (let i = 0; i < 3; i++) await world.visit(sessions, read(sessions));
    expect(checks).toBe(1);
  });

  it("sessions.read checks, too", async () => {
    const world = new World(tableStore({ table: new AsyncTable(createTable()) }));
    await world.store({ user: 7 });
    const sessions = world.version({ schema: { user: counting } });
    const session = await sessions.read({ cookie: world.jar.header });
    expect(session.get()).toEqual({});
    expect(session.handle).toBeUndefined();
  });

  it("a schema that turns asynchronous is an error", async () => {
    const world = new World(cookieStore({ secret: SECRET }));
    await world.store({ user: "ann" });
    const sessions = world.version({ schema: { user: z.string().refine(async () => true) } });
    await world.visit(sessions, (conn) => {
      expect(() => sessions.getSession(conn, "user")).toThrow(impossible);
    });
  });
});
