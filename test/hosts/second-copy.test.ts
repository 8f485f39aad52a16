/** L1: two `createSessions`, or two copies of the package, are told apart by words that say what to do. */
import { createServer } from "node:http";
import express from "express";
import { Hono } from "hono";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { session as expressSession } from "../../src/adapters/express.ts";
import { session as honoSession } from "../../src/adapters/hono.ts";
import { createSessions } from "../../src/core/sessions.ts";
import type { AnySessions, Conn } from "../../src/core/types.ts";
import { tableStore } from "../../src/stores/table/table-store.ts";
import { createTable } from "../../src/tables/named-tables.ts";
import { start } from "../contracts/hosts/world.ts";

const COPIES = Symbol.for("sojourn.copies");
const shared = globalThis as { [COPIES]?: number };

// Files that share a process may have evaluated the module again: here it is there once.
beforeEach(() => {
  const before = shared[COPIES];
  shared[COPIES] = 1;
  onTestFinished(() => {
    if (before !== undefined) shared[COPIES] = before;
  });
});

const make = (key = "sid") => createSessions({ store: tableStore({ table: createTable() }), key });

/** What a helper of `used` says below the middleware of `registered`. */
type Ask = (registered: AnySessions | undefined, used: ReturnType<typeof make>) => Promise<unknown>;

const thrown = (used: ReturnType<typeof make>, conn: Conn): unknown => {
  try {
    return used.getSession(conn, "user");
  } catch (error) {
    return error;
  }
};

const hosts: readonly (readonly [string, Ask])[] = [
  [
    "Express",
    async (registered, used) => {
      let said: unknown;
      const app = express();
      if (registered) app.use(expressSession(registered));
      app.get("/", (req, res) => {
        said = thrown(used, req);
        res.send();
      });
      await (await start(createServer(app))).browser().get("/");
      return said;
    },
  ],
  [
    "Hono",
    async (registered, used) => {
      let said: unknown;
      const app = new Hono();
      if (registered) app.use(honoSession(registered));
      app.get("/", (c) => {
        said = thrown(used, c);
        return c.text("");
      });
      await app.request("/");
      return said;
    },
  ],
];

describe.each(hosts)("L1: a helper on %s", (_host, ask) => {
  test("a helper without a middleware names the middleware, and nothing else", async () => {
    expect(await ask(undefined, make())).toMatchObject({
      code: "ERR_SESSION_NOT_FETCHED",
      message: expect.stringMatching(/^this request has no session; register [^.]*$/),
    });
  });

  test("a helper of another createSessions of the same cookie says that the module was evaluated twice", async () => {
    expect(await ask(make(), make())).toMatchObject({
      code: "ERR_SESSION_NOT_FETCHED",
      message: expect.stringMatching(
        /"sid" of another createSessions: .* evaluated twice, .* globalThis\.sessions \?\?= createSessions/,
      ),
    });
  });

  test("a helper of another cookie names both cookies", async () => {
    expect(await ask(make("visitor"), make("admin"))).toMatchObject({
      code: "ERR_SESSION_NOT_FETCHED",
      message: expect.stringMatching(/has the session "visitor", and not "admin"; register/),
    });
  });

  test("a helper of another copy of the package says that there are two", async () => {
    vi.resetModules();
    const other = await import("../../src/core/sessions.ts");
    const tables = await import("../../src/stores/table/table-store.ts");
    const store = tables.tableStore({ table: createTable() });
    expect(await ask(make(), other.createSessions({ store, key: "sid" }))).toMatchObject({
      code: "ERR_SESSION_NOT_FETCHED",
      message: expect.stringMatching(
        /sojourn is in this process 2 times, .* or install one version/,
      ),
    });
  });
});
