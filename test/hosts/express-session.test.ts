import * as http from "node:http";
import express from "express";
import expressSession from "express-session";
import { describe, expect, test } from "vitest";
import { session } from "../../src/adapters/express.ts";
import { createSessions } from "../../src/core/sessions.ts";
import { storeKinds } from "../contracts/hosts/stores.ts";
import { codeOf, freshKey, start } from "../contracts/hosts/world.ts";
import type { Data } from "../contracts/hosts/world.ts";

/** How an application moves over: both at once, one of them under another name. */
describe.each(storeKinds)("an application beside express-session, with $name", (kind) => {
  const theirs = () =>
    expressSession({ secret: "their secret", resave: false, saveUninitialized: false });

  test.each(["ours first", "theirs first"])(
    "both sessions keep what they are given, with %s",
    async (order) => {
      const { store } = kind.open();
      const sessions = createSessions<Data>({ store, key: freshKey() });
      const filters = [session(sessions, { as: "visit" }), theirs()];
      const app = express();
      app.use(...(order === "ours first" ? filters : filters.toReversed()));
      app.use((req, res) => {
        const { session } = req as unknown as { readonly session: { user?: string } };
        if (req.path === "/put") {
          session.user = "their ada";
          sessions.putSession(req, "user", "our ada");
        }
        res.send(`${session.user}, ${sessions.getSession(req, "user")}`);
      });
      const browser = (await start(http.createServer(app))).browser();
      expect((await browser.get("/put")).cookies).toHaveLength(2);
      expect((await browser.get("/")).body).toBe("their ada, our ada");
    },
  );

  test("our middleware is refused under the same name where theirs stands", async () => {
    const { store } = kind.open();
    const sessions = createSessions<Data>({ store, key: freshKey() });
    const app = express();
    app.use(theirs(), session(sessions));
    app.use(
      (error: unknown, _req: express.Request, res: express.Response, _next: express.NextFunction) =>
        void res.status(500).send(codeOf(error)),
    );
    const answer = await (await start(http.createServer(app))).browser().get("/");
    expect(answer).toMatchObject({ status: 500, body: "ERR_SESSION_CONFIG" });
  });

  test("a failed commit ends in one answer", async () => {
    const { store, table } = kind.open();
    if (table) table.writes = "failing";
    const sessions = createSessions<Data>({ store, key: freshKey() });
    const app = express();
    app.use(theirs(), session(sessions, { as: "visit" }));
    app.use((req, res) => {
      (req as unknown as { readonly session: { user?: string } }).session.user = "their ada";
      sessions.putSession(req, "text", table ? "x" : "x".repeat(5000));
      res.send("the handler's");
    });
    const { browser } = await start(http.createServer(app));
    const answer = await browser().get("/");
    expect(answer.status).toBe(500);
    expect(answer.body).not.toContain("the handler's");
  });
});
