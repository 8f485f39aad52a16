import * as http from "node:http";
import { ObjectId } from "bson";
import express from "express";
import passport from "passport";
import { describe, expect, test } from "vitest";
import { session as expressSession } from "../../src/adapters/express.ts";
import { passportSession } from "../../src/adapters/passport.ts";
import { createSessions } from "../../src/core/sessions.ts";
import type { Sessions } from "../../src/core/types.ts";
import { storeKinds } from "../contracts/hosts/stores.ts";
import type { StoreKind } from "../contracts/hosts/stores.ts";
import { codeOf, freshKey, start, thrownBy } from "../contracts/hosts/world.ts";
import { form, onExpress, passportApps, strategy } from "../support/passport-apps.ts";
import type { Data } from "../support/passport-apps.ts";

function newSessions(kind: StoreKind) {
  const bench = kind.open();
  return { ...bench, sessions: createSessions<Data>({ store: bench.store, key: freshKey() }) };
}

describe.each(storeKinds)("Passport with $name", (kind) => {
  describe.each(passportApps)("Passport on $host", ({ serve }) => {
    test("a log-in and a log-out both begin anew, with nothing left of the session before", async () => {
      const { sessions } = newSessions(kind);
      const browser = (await serve(sessions)).browser();
      await browser.get("/cart");
      const visitor = browser.twin();
      expect((await browser.get(`/login${form("open sesame")}`)).body).toBe("in");
      expect(JSON.parse((await browser.get("/")).body)).toMatchObject({ user: "ada" });
      expect((await browser.get("/")).body).not.toContain("tea");
      expect(browser.jar).not.toEqual(visitor.jar);
      // The cookie from before is worth nothing, as far as the store can see to it.
      expect((await visitor.get("/")).body).toBe(kind.table === "none" ? '{"cart":"tea"}' : "{}");

      const copy = browser.twin();
      expect((await browser.get("/logout")).body).toBe("out");
      expect((await browser.get("/")).body).toBe("{}");
      const kept = JSON.parse((await copy.get("/")).body) as object;
      expect(kept).toEqual(kind.table === "none" ? expect.objectContaining({ user: "ada" }) : {});
    });

    test("a log-in with keepSessionInfo keeps what was there, under a new cookie", async () => {
      const { sessions } = newSessions(kind);
      const browser = (await serve(sessions)).browser();
      await browser.get("/cart");
      const before = new Map(browser.jar);
      await browser.get(`/login${form("open sesame")}&keep=yes`);
      expect(JSON.parse((await browser.get("/")).body)).toMatchObject({ user: "ada", cart: "tea" });
      expect(browser.jar).not.toEqual(before);
    });

    test("a refused log-in leaves its messages in the session", async () => {
      const { sessions } = newSessions(kind);
      const browser = (await serve(sessions)).browser();
      expect((await browser.get(`/login${form("wrong")}`)).status).toBe(401);
      expect((await browser.get(`/login${form("wrong")}`)).status).toBe(401);
      expect((await browser.get("/")).body).toBe('{"messages":["no","no"]}');
    });

    test("a request of nobody stores nothing, and one of a user does not write", async () => {
      const { sessions, calls } = newSessions(kind);
      const browser = (await serve(sessions)).browser();
      expect((await browser.get("/")).cookies).toEqual([]);
      expect(calls.all).toBe(0);
      await browser.get(`/login${form("open sesame")}`);
      const { write, create } = { ...calls };
      expect((await browser.get("/")).cookies).toEqual([]);
      expect({ write: calls.write, create: calls.create }).toEqual({ write, create });
    });

    test.runIf(kind.table !== "none")(
      "a store that fails is the error, and no user is signed in",
      async () => {
        const { sessions, table } = newSessions(kind);
        const browser = (await serve(sessions)).browser();
        if (table) table.writes = "failing";
        const answer = await browser.get(`/login${form("open sesame")}`);
        expect(answer).toMatchObject({ status: 500, body: "ERR_SESSION_STORE", cookies: [] });
        if (table) table.writes = "answered";
        expect((await browser.get("/")).body).toBe("{}");
      },
    );
  });

  /** An application whose serializer answers later, outside of the request, as in Passport's documentation. */
  async function logIn(user: unknown, act: (req: express.Request) => void = () => {}) {
    const { sessions } = newSessions(kind);
    const auth = new passport.Passport();
    auth.use(strategy());
    auth.serializeUser((_user, done) => process.nextTick(() => done(null, user)));
    auth.deserializeUser((id: unknown, done) => done(null, { id }));
    const app = express();
    app.use(expressSession(sessions, { as: "visit" }), passportSession(sessions), auth.session());
    app.get("/login", (req, res, next) => {
      act(req);
      (auth.authenticate("local") as express.Handler)(req, res, next);
    });
    app.get("/login", (_req, res) => void res.send("in"));
    app.get("/", (req, res) => void res.json(req.user ?? "nobody"));
    app.use((error: unknown, _req: unknown, res: express.Response, _next: unknown) => {
      res.status(500).send(codeOf(error));
    });
    const browser = (await start(http.createServer(app))).browser();
    const answer = await browser.get(`/login${form("open sesame")}`);
    return { answer, user: JSON.parse((await browser.get("/")).body) as unknown };
  }

  test.each<readonly [string, unknown, unknown]>([
    ["an ObjectId", new ObjectId("65a1b2c3d4e5f60718293a4b"), "65a1b2c3d4e5f60718293a4b"],
    [
      "an ObjectId within",
      { _id: new ObjectId("65a1b2c3d4e5f60718293a4b") },
      { _id: "65a1b2c3d4e5f60718293a4b" },
    ],
    ["bytes", Buffer.from("ada"), { type: "Buffer", data: [97, 100, 97] }],
    ["a URL", new URL("https://id.example/ada"), "https://id.example/ada"],
    ["a text", "ada", "ada"],
  ])("%s that a serializer gives later is kept as JSON has it", async (_what, user, kept) => {
    const { answer, user: found } = await logIn(user);
    expect([answer.status, found]).toEqual([200, { id: kept }]);
  });

  test("what cannot be kept of a user is the error of the log-in, and the process lives", async () => {
    const circle: Record<string, unknown> = {};
    circle["circle"] = circle;
    for (const user of [circle, () => {}, new Map([[{}, () => {}]])]) {
      const { answer, user: found } = await logIn(user);
      expect([answer.status, answer.body]).toEqual([500, "ERR_SESSION_NOT_SERIALIZABLE"]);
      expect(found).toBe("nobody");
    }
  });

  test("what the application itself puts there throws where it stands", async () => {
    let thrown = "";
    await logIn("ada", (req) => {
      thrown = thrownBy(() => Reflect.set(Reflect.get(req, "session") as object, "cart", () => {}));
    });
    expect(thrown).toBe("ERR_SESSION_NOT_SERIALIZABLE");
  });

  test("a log-out with keepSessionInfo keeps what was there", async () => {
    const { sessions } = newSessions(kind);
    const browser = (await onExpress(sessions)).browser();
    await browser.get(`/login${form("open sesame")}`);
    await browser.get("/cart");
    await browser.get("/logout?keep=yes");
    const left = JSON.parse((await browser.get("/")).body) as object;
    expect(left).toMatchObject({ cart: "tea" });
    expect(left).not.toHaveProperty("user");
  });

  test("a user who no longer exists is taken out of the session", async () => {
    const { sessions } = newSessions(kind);
    const browser = (await onExpress(sessions)).browser();
    await browser.get("/login?username=gone&password=open%20sesame");
    expect((await browser.get("/")).body).toBe('{"passport":{}}');
  });
});

describe("Passport's req.session", () => {
  /** It, on a request of its own, and the session below it. */
  async function withBag(
    use: (bag: Record<string, never>, session: ReturnType<Sessions<Data>["of"]>) => void,
  ) {
    const { sessions } = newSessions(storeKinds[0] as StoreKind);
    const app = express();
    app.use(expressSession(sessions, { as: "visit" }), passportSession(sessions));
    app.use((req, res) => {
      use(Reflect.get(req, "session") as never, sessions.of(req));
      res.send("ok");
    });
    const answer = await (await start(http.createServer(app))).browser().get("/");
    expect(answer.body).toBe("ok");
  }

  test("the object writes through, however deep, and reads what others write", () =>
    withBag((bag, session) => {
      const loose = bag as Record<string, { list: string[]; user?: { id: string } } | undefined>;
      loose["passport"] = { list: [] };
      loose["passport"].list.push("a", "b");
      const one = loose["passport"];
      const two = loose["passport"];
      one.user = { id: "ada" };
      two.user = { ...two.user, id: "bob" };
      one.user.id += "!";
      expect(session.get("passport")).toEqual({ list: ["a", "b"], user: { id: "bob!" } });
      session.put("passport", { list: ["c"] });
      expect(loose["passport"]).toEqual({ list: ["c"] });
      delete loose["passport"].user;
      delete loose["passport"];
      expect("passport" in loose).toBe(false);
      expect(Object.keys(loose)).toEqual([]);
      expect(session.get()).toEqual({});
    }));

  test("the object refuses to stand in the place of another session", async () => {
    const { sessions } = newSessions(storeKinds[0] as StoreKind);
    const app = express();
    const thrown: string[] = [];
    app.use(expressSession(sessions));
    app.use((req, res) => {
      thrown.push(thrownBy(() => passportSession(sessions)(req, res, () => {})));
      res.send();
    });
    await (await start(http.createServer(app))).browser().get("/");
    expect(thrown).toEqual(["ERR_SESSION_CONFIG"]);
    expect(thrownBy(() => passportSession({} as never))).toBe("ERR_SESSION_CONFIG");
  });
});
