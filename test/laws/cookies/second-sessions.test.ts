/** Two createSessions whose cookies have one name, on one request. */
import { createServer } from "node:http";
import { describe, expect, it } from "vitest";
import express from "express";
import { Hono } from "hono";
import { session as onExpress } from "../../../src/adapters/express.ts";
import { session as onFetch } from "../../../src/adapters/fetch.ts";
import { session as onHono } from "../../../src/adapters/hono.ts";
import { createSessions } from "../../../src/core/sessions.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { LocalServer } from "../../../src/testing/local-server.ts";
import { visit } from "../../support/visit.ts";

const store = tableStore({ table: createTable() });
const ours = createSessions({ store, key: "__Host-sid", subject: "user" });
const theirs = createSessions({ store, key: "__Host-sid" });
const others = createSessions({ store, key: "__Host-other" });
const SAYS = /"__Host-sid" of another createSessions already.*another key.*createSessions once/s;

describe("L11: two createSessions with one cookie name", () => {
  it("the second middleware of a request is refused, and says what to do", async () => {
    const inner = onFetch(theirs, () => new Response("never"));
    const outer = onFetch(ours, async (request: Request) => {
      await expect(inner(request)).rejects.toMatchObject({
        code: "ERR_SESSION_CONFIG",
        message: expect.stringMatching(SAYS) as string,
      });
      return new Response("refused");
    });
    expect(await (await outer(new Request("https://a.example/"))).text()).toBe("refused");
  });

  it("an Express application with two of them answers by its error path, and sends no cookie", async () => {
    const app = express();
    app.use(onExpress(ours), onExpress(theirs, { as: "other" }));
    app.use((_req, res) => void res.send("never"));
    app.use((error: unknown, _req: unknown, res: express.Response, _next: unknown) => {
      res.status(500).send((error as Error).message);
    });
    const server = new LocalServer(createServer(app));
    const response = await fetch(`http://localhost:${await server.port()}/`);
    expect([response.status, response.headers.getSetCookie()]).toEqual([500, []]);
    expect(await response.text()).toMatch(SAYS);
    await server.close();
  });

  it("an inner application on Hono's request is refused, too", async () => {
    const app = new Hono().use(onHono(ours)).all("/", (c) => {
      const inner = onFetch(theirs, () => new Response("never"));
      return inner(c.req.raw);
    });
    app.onError((error) => new Response(error.message, { status: 500 }));
    expect(await (await app.request("https://a.example/")).text()).toMatch(SAYS);
  });

  it("a session is not lent to a request that has one of that name from another createSessions", async () => {
    await visit(ours, undefined, async (conn) => {
      await visit(theirs, undefined, (other) => {
        expect(() => ours.lend(ours.of(conn), other as object)).toThrow(SAYS);
      });
    });
  });

  it("two of them with two names serve one request", async () => {
    const inner = onFetch(others, (request: Request) => {
      ours.putSession(request, "user", "ann");
      others.putSession(request, "n", 1);
      return new Response("both");
    });
    const response = await onFetch(ours, inner)(new Request("https://a.example/"));
    expect(response.headers.getSetCookie().map((each) => each.split("=")[0])).toEqual([
      "__Host-other",
      "__Host-sid",
    ]);
  });

  it("an inner application may use the same sessions again", async () => {
    const inner = onFetch(ours, (request: Request) => {
      ours.putSession(request, "user", "ann");
      return new Response(String(ours.getSession(request, "user")));
    });
    const response = await onFetch(ours, inner)(new Request("https://a.example/"));
    expect([await response.text(), response.headers.getSetCookie().length]).toEqual(["ann", 1]);
  });
});
