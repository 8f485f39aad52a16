/**
 * What Dynamo's sessions do, on real requests. Where Sojourn does otherwise on purpose, the title says what it does;
 * docs/guide/dynamo.md says why. Dynamo's known bugs: dynamo-bugs.test.ts.
 */
import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createDynamo, createRouter, createTable, Session } from "../../src/adapters/dynamo.ts";
import type { Connection } from "../../src/adapters/dynamo.ts";
import { basicRoutes, codeOf, codeThrown, useDynamo } from "./server.ts";
import type { Data } from "./server.ts";
import { KEY, both, cookies, ets, json, secret } from "./stores.ts";
import { verbsOf } from "../support/tables/async-table.ts";

const run = useDynamo();

describe("the set-up of Dynamo's sessions", () => {
  const setUp = (sessionStore: unknown, sessionOptions: unknown): string | undefined =>
    codeThrown(() => createDynamo({ sessionStore, sessionOptions } as never));

  it("the set-up needs a key", () => {
    expect(setUp(Session.CookieStore, { secret })).toBe("ERR_SESSION_CONFIG");
    expect(setUp(Session.ETSStore, { table: createTable() })).toBe("ERR_SESSION_CONFIG");
    expect(setUp(Session.CookieStore, { secret, key: KEY })).toBeUndefined();
  });

  it("the set-up needs a secret for the cookie store", () => {
    expect(setUp(Session.CookieStore, { key: KEY })).toBe("ERR_SESSION_CONFIG");
    expect(setUp(Session.CookieStore, { key: KEY, secret: undefined })).toBe("ERR_SESSION_CONFIG");
  });

  it("the set-up refuses a secret of 31 bytes or less, and counts bytes", () => {
    const text = randomBytes(32).toString("hex");
    expect(setUp(Session.CookieStore, { key: KEY, secret: text.slice(0, 31) })).toBe(
      "ERR_SESSION_CONFIG",
    );
    expect(setUp(Session.CookieStore, { key: KEY, secret: text.slice(0, 32) })).toBeUndefined();
    const wide = "éàüöñçßøåæ";
    expect(setUp(Session.CookieStore, { key: KEY, secret: `${wide}01234567890` })).toBe(
      "ERR_SESSION_CONFIG",
    );
    expect(setUp(Session.CookieStore, { key: KEY, secret: `${wide}012345678901` })).toBeUndefined();
  });

  it("the set-up needs a table for the ETS store", () => {
    expect(setUp(Session.ETSStore, { key: KEY })).toBe("ERR_SESSION_CONFIG");
  });

  it("the set-up refuses a table that does not exist, before the first request", () => {
    const table = "dynamo behaviour: a table";
    expect(setUp(Session.ETSStore, { key: KEY, table })).toBe("ERR_SESSION_CONFIG");
    createTable(table);
    expect(setUp(Session.ETSStore, { key: KEY, table })).toBeUndefined();
  });

  it("the set-up refuses a store without options, and options without a store", () => {
    expect(setUp(Session.CookieStore, undefined)).toBe("ERR_SESSION_CONFIG");
    expect(setUp(undefined, { key: KEY, secret })).toBe("ERR_SESSION_CONFIG");
  });
});

describe("a fetch of the session", () => {
  it("nothing is read before a fetch, and then only for a request with a cookie", async () => {
    let reads = 0;
    const rows = createTable();
    const table = verbsOf(rows, {
      get: (key) => {
        reads++;
        return Promise.resolve(rows.get(key));
      },
    });
    const { browser } = await run(ets({}, table), basicRoutes);
    const visitor = browser();
    await visitor.send("GET", "/");
    await visitor.send("POST", "/put", json({ a: 1 }));
    expect(reads).toBe(0);
    await visitor.send("GET", "/");
    expect(reads).toBe(2); // The row, and the mark of revokeBefore.

    const dynamo = createDynamo<Data>(ets({}, table));
    const unfetched = dynamo.endpoint(createRouter().get("/", (conn) => conn.send(204)));
    const headers = { cookie: `${KEY}=${visitor.cookie(KEY)}` };
    expect((await unfetched.request("/", { headers })).status).toBe(204);
    expect(reads).toBe(2);
  });

  it("a fetch knows cookies, params and session, and no other aspect", async () => {
    const { browser, errors } = await run(cookies(), (router) => {
      router.get("/", async (conn) => (await conn.fetch("flavour" as "session")).send(204));
      router.get("/all", async (conn) => {
        await conn.fetch(["cookies", "params", "session"]);
        return (await conn.fetch("params")).send(204);
      });
    });
    expect(await browser().send("GET", "/")).toMatchObject({ status: 500 });
    expect(errors.map(codeOf)).toEqual(["ERR_SESSION_USE"]);
    expect(await browser().send("GET", "/all")).toMatchObject({ status: 204 });
  });

  it("a fetch of the session fetches the cookies as well", async () => {
    const dynamo = createDynamo<Data>(cookies());
    const router = createRouter().prepare((conn) => conn.fetch("session"));
    router.get("/", (conn) => conn.send(200, conn.cookies["a"]));
    const app = dynamo.endpoint(router);
    expect(await (await app.request("/", { headers: { cookie: "a=1" } })).text()).toBe("1");
  });

  it("every helper is refused before the fetch, and so are params and cookies", async () => {
    const { getSession, putSession, deleteSession, configureSession, endpoint } =
      createDynamo<Data>(cookies());
    const calls: readonly ((conn: Connection) => unknown)[] = [
      (conn) => getSession(conn),
      (conn) => getSession(conn, "a"),
      (conn) => putSession(conn, "a", 1),
      (conn) => deleteSession(conn, "a"),
      (conn) => configureSession(conn, "secure", true),
      (conn) => conn.params,
      (conn) => conn.cookies,
    ];
    let codes: unknown[] = [];
    const router = createRouter().get("/", (conn) => {
      codes = calls.map((call) => codeThrown(() => call(conn)));
      return conn.send(204);
    });
    const answer = await endpoint(router).request("/");
    expect(codes).toEqual(calls.map(() => "ERR_SESSION_NOT_FETCHED"));
    expect(answer.headers.has("set-cookie")).toBe(false);
  });

  it.each(both)(
    "a request without a cookie has an empty session, with $store",
    async ({ config }) => {
      const { browser } = await run(config(), basicRoutes);
      expect(await browser().send("GET", "/")).toMatchObject({
        status: 200,
        body: "{}",
        setCookie: [],
      });
    },
  );

  it.each(both)(
    "a request with a bad cookie has an empty session, with $store",
    async ({ config }) => {
      const { browser } = await run(config(), basicRoutes);
      const visitor = browser();
      await visitor.send("POST", "/put", json({ a: 1 }));
      const good = visitor.cookie(KEY) ?? "";
      expect((await visitor.send("GET", "/")).body).toBe('{"a":1}');
      const last = good.endsWith("A") ? "B" : "A";
      const bad = [
        "",
        "x",
        `${good.slice(0, -1)}${last}`,
        good.slice(0, -4),
        `${good}A`,
        "%E0%A4%A",
      ];
      for (const value of bad) {
        const answer = await browser().send("GET", "/", { cookie: `${KEY}=${value}` });
        expect(answer).toMatchObject({ status: 200, body: "{}", setCookie: [] });
      }
    },
  );

  it("a request for a row that is not in the table has an empty session", async () => {
    const { browser } = await run(ets(), basicRoutes);
    const other = await run(ets(), basicRoutes);
    const visitor = other.browser();
    await visitor.send("POST", "/put", json({ a: 1 }));
    const cookie = `${KEY}=${visitor.cookie(KEY)}`;
    expect(await browser().send("GET", "/", { cookie })).toMatchObject({ status: 200, body: "{}" });
  });

  it.each(both)(
    "two different sessions in one request are refused, with $store",
    async ({ config }) => {
      const { browser } = await run(config(), basicRoutes);
      const [one, two] = [browser(), browser()];
      await one.send("POST", "/put", json({ who: "one" }));
      await two.send("POST", "/put", json({ who: "two" }));
      const [a, b] = [one, two].map((each) => `${KEY}=${each.cookie(KEY)}`);
      for (const cookie of [`${a}; ${b}`, `${b}; ${a}`]) {
        expect(await browser().send("GET", "/", { cookie })).toMatchObject({
          body: "{}",
          setCookie: [],
        });
      }
      const twice = await browser().send("GET", "/", { cookie: `${a}; ${a}` });
      expect(twice.body).toBe('{"who":"one"}');
      const junk = await browser().send("GET", "/", { cookie: `${KEY}=junk; ${a}` });
      expect(junk.body).toBe('{"who":"one"}');
    },
  );
});

describe("session data", () => {
  it.each(both)(
    "data is put, read whole or by key, and deleted, with $store",
    async ({ config }) => {
      const { browser } = await run(config(), (router, dynamo) => {
        basicRoutes(router, dynamo);
        router.get("/one/:key", (conn) => {
          const value = dynamo.getSession(conn, String(conn.params["key"]));
          return conn.send(200, value === undefined ? "undefined" : JSON.stringify(value));
        });
      });
      const visitor = browser();
      await visitor.send("POST", "/put", json({ name: "jo", cart: [{ id: 1 }] }));
      expect((await visitor.send("GET", "/")).body).toBe('{"name":"jo","cart":[{"id":1}]}');
      expect((await visitor.send("GET", "/one/cart")).body).toBe('[{"id":1}]');
      expect((await visitor.send("GET", "/one/other")).body).toBe("undefined");
      await visitor.send("POST", "/delete/cart");
      expect((await visitor.send("GET", "/")).body).toBe('{"name":"jo"}');
    },
  );

  it.each(both)(
    "data keeps the order of its keys, also when one is put again, with $store",
    async ({ config }) => {
      const { browser } = await run(config(), basicRoutes);
      const visitor = browser();
      await visitor.send("POST", "/put", json({ c: 1, a: 1, b: 1 }));
      await visitor.send("POST", "/put", json({ a: 2 }));
      expect((await visitor.send("GET", "/")).body).toBe('{"c":1,"a":2,"b":1}');
    },
  );

  it("the request that put a value sees it", async () => {
    const { browser } = await run(
      cookies(),
      (router, { getSession, putSession, deleteSession }) => {
        router.get("/", (conn) => {
          putSession(conn, "a", 1);
          const first = getSession(conn, "a");
          deleteSession(conn, "a");
          return conn.send(200, JSON.stringify([first, getSession(conn)]));
        });
      },
    );
    expect(await browser().send("GET", "/")).toMatchObject({ body: "[1,{}]", setCookie: [] });
  });

  it("a put after send is kept, and is refused once the answer has left", async () => {
    let kept: Connection | undefined;
    const { dynamo, browser } = await run(cookies(), (router, helpers) => {
      basicRoutes(router, helpers);
      router.post("/late", (conn) => {
        kept = conn.send(204);
        helpers.putSession(conn, "a", 1);
        return conn;
      });
    });
    const visitor = browser();
    await visitor.send("POST", "/late");
    expect((await visitor.send("GET", "/")).body).toBe('{"a":1}');
    expect(codeThrown(() => kept && dynamo.putSession(kept, "a", 2))).toBe("ERR_SESSION_COMMITTED");
  });
});

describe("the cookie", () => {
  const line = (attributes: string): RegExp => new RegExp(`^${KEY}=[\\w-]+${attributes}$`);

  it.each(both)("a put sets the cookie, and nothing else does, with $store", async ({ config }) => {
    const { browser } = await run(config(), (router, dynamo) => {
      basicRoutes(router, dynamo);
      router.post("/nothing", (conn) => conn.send(204));
    });
    const visitor = browser();
    expect((await visitor.send("POST", "/nothing")).setCookie).toEqual([]);
    expect((await visitor.send("GET", "/")).setCookie).toEqual([]);
    const { setCookie } = await visitor.send("POST", "/put", json({ a: 1 }));
    expect(setCookie).toEqual([
      expect.stringMatching(line("; Path=/; HttpOnly; Secure; SameSite=Lax")),
    ]);
    expect((await visitor.send("POST", "/nothing")).setCookie).toEqual([]);
  });

  it("the cookie of the ETS store is not sent again for other data, because it holds none", async () => {
    const { browser } = await run(ets(), basicRoutes);
    const visitor = browser();
    await visitor.send("POST", "/put", json({ a: 1 }));
    expect(await visitor.send("POST", "/put", json({ a: 2 }))).toMatchObject({ setCookie: [] });
    expect((await visitor.send("GET", "/")).body).toBe('{"a":2}');
  });

  it.each(both)(
    "the cookie is not sent again if equal data was put, with $store",
    async ({ config }) => {
      const { browser } = await run(config(), basicRoutes);
      const visitor = browser();
      await visitor.send("POST", "/put", json({ a: { b: [1] }, c: "x" }));
      const again = await visitor.send("POST", "/put", json({ c: "x", a: { b: [1] } }));
      expect(again.setCookie).toEqual([]);
    },
  );

  it("the cookie of the cookie store is sent again for other data, and holds all of it", async () => {
    const { browser } = await run(cookies(), basicRoutes);
    const visitor = browser();
    await visitor.send("POST", "/put", json({ a: 1 }));
    const old = `${KEY}=${visitor.cookie(KEY)}`;
    const { setCookie } = await visitor.send("POST", "/put", json({ b: 2 }));
    expect(setCookie).toHaveLength(1);
    expect((await visitor.send("GET", "/")).body).toBe('{"a":1,"b":2}');
    expect((await browser().send("GET", "/", { cookie: old })).body).toBe('{"a":1}');
  });

  it("the cookie is HttpOnly unless the option says false", async () => {
    const { browser } = await run(cookies({ httpOnly: false }), basicRoutes);
    const { setCookie } = await browser().send("POST", "/put", json({ a: 1 }));
    expect(setCookie).toEqual([expect.stringMatching(line("; Path=/; Secure; SameSite=Lax"))]);
  });

  it("the cookie takes path, domain and secure from the options", async () => {
    const options = { path: "/shop", domain: "example.com", secure: false };
    const { dynamo } = await run(cookies(options), () => undefined);
    const router = createRouter().get("/", async (conn) => {
      await conn.fetch("session");
      dynamo.putSession(conn, "a", 1);
      return conn.send(204);
    });
    const answer = await dynamo.endpoint(router).request("/");
    expect(answer.headers.getSetCookie()).toEqual([
      expect.stringMatching(line("; Path=/shop; Domain=example.com; HttpOnly; SameSite=Lax")),
    ]);
  });

  it("configureSession wins over the options, as long as the session lives", async () => {
    const { browser } = await run(cookies({ path: "/", httpOnly: true }), (router, dynamo) => {
      basicRoutes(router, dynamo);
      router.post("/configure", (conn) => {
        dynamo.putSession(conn, "a", 1);
        dynamo.configureSession(conn, "sameSite", "strict");
        dynamo.configureSession(conn, "httpOnly", false);
        return conn.send(204);
      });
    });
    const visitor = browser();
    const expected = [expect.stringMatching(line("; Path=/; Secure; SameSite=Strict"))];
    expect((await visitor.send("POST", "/configure")).setCookie).toEqual(expected);
    expect((await visitor.send("POST", "/put", json({ a: 2 }))).setCookie).toEqual(expected);
  });

  it("the cookie has a Max-Age and an Expires with persist: the time to the absolute deadline", async () => {
    const { browser } = await run(
      cookies({ persist: true, lifetime: { absolute: 3600 }, now: () => 1_800_000_000_000 }),
      basicRoutes,
    );
    const { setCookie } = await browser().send("POST", "/put", json({ a: 1 }));
    expect(setCookie).toEqual([
      expect.stringMatching(
        line(
          "; Max-Age=3600; Expires=Fri, 15 Jan 2027 09:00:00 GMT; Path=/; HttpOnly; Secure; SameSite=Lax",
        ),
      ),
    ]);
  });

  it("the cookie is cleared with the attributes that it was sent with, long expired", async () => {
    const { browser } = await run(cookies({ sameSite: "strict" }), basicRoutes);
    const visitor = browser();
    await visitor.send("POST", "/put", json({ a: 1 }));
    const { setCookie } = await visitor.send("POST", "/drop");
    expect(setCookie).toEqual([
      `${KEY}=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; HttpOnly; Secure; SameSite=Strict`,
    ]);
    expect(visitor.cookie(KEY)).toBeUndefined();
  });

  it("the cookie is set before a stream, a redirect, an empty answer and a 404", async () => {
    const { browser } = await run(ets(), (router, { putSession }) => {
      router.prepare((conn) => putSession(conn, "a", 1));
      router.get("/stream", (conn) => conn.send(200, new Blob(["x"]).stream()));
      router.get("/redirect", (conn) => conn.redirect("/"));
      router.get("/empty", (conn) => conn.send(204));
    });
    for (const path of ["/stream", "/redirect", "/empty", "/nowhere"]) {
      expect((await browser().send("GET", path)).setCookie).toHaveLength(1);
    }
  });

  it("an answer of a handler that looked is private, and one that sets the cookie is not stored", async () => {
    const { browser } = await run(ets(), basicRoutes);
    const visitor = browser();
    const set = await visitor.send("POST", "/put", json({ a: 1 }));
    expect(set.headers.get("cache-control")).toBe("no-store");
    const read = await visitor.send("GET", "/");
    expect(read.headers.get("cache-control")).toBe("private, no-cache");
    expect(read.headers.get("vary")).toBe("Cookie");
  });
});

describe("the 4 kB limit", () => {
  it("a cookie of 4096 bytes passes, and a longer one is refused and sets nothing", async () => {
    const { browser, errors } = await run(cookies(), basicRoutes);
    const put = (length: number): ReturnType<ReturnType<typeof browser>["send"]> =>
      browser().send("POST", "/put", json({ a: "x".repeat(length) }));
    let fits = 2000;
    let tooLong = 4096;
    while (tooLong - fits > 1) {
      const middle = (fits + tooLong) >> 1;
      if ((await put(middle)).status === 204) fits = middle;
      else tooLong = middle;
    }
    const [line = ""] = (await put(fits)).setCookie;
    const size = line.split(";", 1).join().length - 1; // The "=" counts neither as name nor as value.
    // Base64 grows by steps of four characters for three bytes.
    expect(size).toBeGreaterThan(4096 - 4);
    expect(size).toBeLessThanOrEqual(4096);
    const refused = await put(tooLong);
    expect(refused).toMatchObject({ status: 500, setCookie: [] });
    expect(new Set(errors.map(codeOf))).toEqual(new Set(["ERR_SESSION_COOKIE_OVERFLOW"]));
  });

  it("data in the ETS store has no such limit", async () => {
    const { browser } = await run(ets(), basicRoutes);
    const visitor = browser();
    const a = "x".repeat(100_000);
    expect(await visitor.send("POST", "/put", json({ a }))).toMatchObject({ status: 204 });
    expect(JSON.parse((await visitor.send("GET", "/")).body)).toEqual({ a });
  });
});

describe("the helper renew", () => {
  it.each(both)(
    "a renewal gives another cookie to the same data, with $store",
    async ({ config }) => {
      const { browser } = await run(config(), basicRoutes);
      const visitor = browser();
      await visitor.send("POST", "/put", json({ a: 1 }));
      const old = visitor.cookie(KEY);
      const { setCookie } = await visitor.send("POST", "/renew");
      expect(setCookie).toHaveLength(1);
      expect(visitor.cookie(KEY)).not.toBe(old);
      expect((await visitor.send("GET", "/")).body).toBe('{"a":1}');
    },
  );
});
