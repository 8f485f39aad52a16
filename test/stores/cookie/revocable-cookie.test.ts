import { describe, expect, it } from "vitest";
import { isPending } from "../../../src/core/awaitable.ts";
import type { SessionTable } from "../../../src/core/store.ts";
import { createSessions } from "../../../src/core/sessions.ts";
import type { SessionOptions } from "../../../src/core/options/session-options.ts";
import { cookieStore } from "../../../src/stores/cookie/cookie-store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { lasting } from "../../support/tables/lasting.ts";
import { AsyncTable } from "../../support/tables/async-table.ts";
import { Browser } from "../../support/browser.ts";
import { clock } from "../../support/clock.ts";
import { SECRET } from "../../support/secrets.ts";
import { visit } from "../../support/visit.ts";
import { wrapStore } from "../../support/stores/wrap-store.ts";

const config = (text: RegExp): unknown =>
  expect.objectContaining({
    code: "ERR_SESSION_CONFIG",
    message: expect.stringMatching(text) as string,
  });

describe("the cookie store with revocations", () => {
  const store = cookieStore({ secret: SECRET, revocations: lasting() });
  const refused: readonly (readonly [Partial<SessionOptions>, RegExp])[] = [
    [{ limit: 3, subject: "user" }, /limit needs tableStore/],
    [{ lifetime: { renewEvery: 60 } }, /renewEvery needs tableStore/],
  ];

  it.each(refused)("the store refuses %j, which needs a row", (options, text) => {
    expect(() => createSessions({ store, key: "sid", ...options })).toThrow(config(text));
  });

  it.each([-1, 3601, Number.NaN, "60", null])(
    "the store refuses a staleness of %j",
    (staleness) => {
      const options = {
        secret: SECRET,
        revocations: lasting(),
        staleness: staleness as number,
      };
      expect(() => cookieStore(options)).toThrow(config(/staleness must be a number of seconds/));
    },
  );

  it("the store refuses a staleness without a table, and a table that does not exist", () => {
    expect(() => cookieStore({ secret: SECRET, staleness: 5 })).toThrow(config(/give that table/));
    const revocations = "a table that is not there";
    expect(() => cookieStore({ secret: SECRET, revocations })).toThrow(config(/not there/));
  });

  it("L7: a table that forgets is refused at set-up, also by its name, with and without maxRows", () => {
    const name = "ends that nobody would remember";
    createTable(name, { maxRows: 10 });
    for (const revocations of [createTable(), createTable(undefined, { maxRows: 10 }), name]) {
      expect(() => cookieStore({ secret: SECRET, revocations })).toThrow(
        config(/keeps its rows.*lmdbTable.*sqliteTable.*redisTable.*postgresTable/),
      );
    }
    expect(() => cookieStore({ secret: SECRET, revocations: lasting() })).not.toThrow();
  });

  it("the store keeps no list, and says so", async () => {
    const sessions = createSessions({ store, key: "sid", subject: "user" });
    await expect(sessions.list("ann")).rejects.toMatchObject({
      code: "ERR_SESSION_USE",
      message: expect.stringContaining("tableStore({ table })") as string,
    });
  });

  it("a seal is found at once if the table answers at once", async () => {
    const findingIn = async (revocations: SessionTable): Promise<boolean> => {
      let pending: boolean | undefined;
      const inner = cookieStore({ secret: SECRET, revocations });
      const sessions = createSessions({
        key: "sid",
        store: wrapStore(inner, (backend) => ({
          create: (change) => backend.create(change),
          find(cookie) {
            const found = backend.find(cookie);
            pending = isPending(found);
            return found;
          },
        })),
      });
      const { setCookie } = await visit(sessions, undefined, (conn) =>
        sessions.putSession(conn, "a", 1),
      );
      await visit(sessions, setCookie?.split(";")[0], (conn) => sessions.getSession(conn));
      return pending ?? false;
    };
    expect(await findingIn(lasting())).toBe(false);
    expect(await findingIn(new AsyncTable(createTable()))).toBe(true);
  });
});

describe("sessions whose options do not allow to revoke", () => {
  it.each(["list", "revoke", "revokeOne"] as const)(
    "%s is refused, and the error says which option to give",
    async (name) => {
      const bare = createSessions({
        store: cookieStore({ secret: SECRET }),
        key: "sid",
        subject: "u",
      });
      await expect(bare[name]("ann", "A".repeat(22) as never)).rejects.toMatchObject({
        code: "ERR_SESSION_USE",
        message: expect.stringContaining("revocations: table") as string,
      });
      const store = cookieStore({ secret: SECRET, revocations: lasting() });
      const nobody = createSessions({ store, key: "sid" });
      await expect(nobody[name]("ann", "A".repeat(22) as never)).rejects.toMatchObject({
        code: "ERR_SESSION_USE",
        message: expect.stringContaining("option subject") as string,
      });
    },
  );
});

describe("L22: the calls of the table that a revocable cookie costs", () => {
  it("a new visitor costs no call, an anonymous session one, a subject's session two, and a second look none; the mark of revokeBefore one more a minute", async () => {
    const time = clock();
    const table = new AsyncTable(createTable(), undefined, "all");
    const store = cookieStore({ secret: SECRET, revocations: table, staleness: 60 });
    const sessions = createSessions({ store, key: "sid", subject: "user", now: time.now });
    const browser = new Browser(sessions, time.now);
    const calls = async (task: () => Promise<unknown>): Promise<readonly string[]> => {
      table.forget();
      await task();
      return [...table.calls];
    };
    const look = (): Promise<unknown> => browser.visit((conn) => sessions.getSession(conn));
    expect(await calls(look)).toEqual([]);
    expect(await calls(() => browser.visit((conn) => sessions.putSession(conn, "n", 1)))).toEqual(
      [],
    );
    expect(await calls(look)).toEqual(["get", "get"]);
    expect(await calls(look)).toEqual([]);
    time.pass(60);
    await browser.visit((conn) => sessions.putSession(conn, "user", "ann"));
    time.pass(60);
    expect(await calls(look)).toEqual(["get", "get", "get"]);
    expect(await calls(look)).toEqual([]);
  });
});
