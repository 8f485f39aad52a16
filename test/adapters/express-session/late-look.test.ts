/** A request that looks at its session for the first time when its answer has begun. */
import type { RequestHandler } from "express";
import { describe, expect, it } from "vitest";
import dropIn, { MemoryStore } from "../../../src/adapters/express-session.ts";
import type { Options } from "../../../src/adapters/express-session.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { events, serve } from "./app.ts";
import type { Handler } from "./app.ts";

const LAZY = { resave: false, saveUninitialized: false, secret: "a secret" };

const STORES: readonly (readonly [name: string, store: () => NonNullable<Options["store"]>])[] = [
  ["a store of express-session", () => new MemoryStore()],
  ["a table store", () => tableStore({ table: createTable() })],
];

/** The first byte leaves before the handler sees its session. */
function early(middleware: RequestHandler): RequestHandler {
  return (req, res, next) =>
    middleware(req, res, (error?: unknown) => {
      if (req.path.startsWith("/late")) res.write("first");
      if (req.path.startsWith("/late-end")) {
        res.end();
        res.once("close", () => next(error));
      } else next(error);
    });
}

async function open(store: NonNullable<Options["store"]>, path: string, change: Handler) {
  const app = await serve(early(dropIn({ ...LAZY, store })), {
    sign: (bag, _req, res) => {
      bag["user"] = "ada";
      res.end();
    },
    [path]: change,
    show: (bag, _req, res) => res.json({ ...bag, cookie: undefined }),
  });
  const browser = app.browser();
  await browser.get("sign");
  return browser;
}

describe.each(STORES)("L14: a first look after the first byte, with %s", (_, store) => {
  it.each(["late", "late-end"])("the change of it is stored (%s)", async (path) => {
    const commits = events("commit");
    const browser = await open(store(), path, (bag, _req, res) => {
      bag["late"] = 1;
      res.end();
    });
    await browser.get(path);
    await expect.poll(() => commits).toContainEqual(expect.objectContaining({ reason: "write" }));
    expect(JSON.parse((await browser.get("show")).body)).toEqual({ user: "ada", late: 1 });
  });
});

describe("L14: a first look after the first byte, whose change cannot be stored", () => {
  it("the loss is an event", async () => {
    const errors = events("commit-error");
    const store = tableStore({ table: createTable() });
    const browser = await open(store, "late", (bag, _req, res) => {
      bag["late"] = 1n;
      res.end();
    });
    await browser.get("late");
    await expect
      .poll(() => errors)
      .toMatchObject([{ error: { code: "ERR_SESSION_NOT_SERIALIZABLE" } }]);
  });
});
