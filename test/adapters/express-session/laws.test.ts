/** What express-session does not promise and the drop-in does, over a store of express-session and over ours. */
import { request } from "node:http";
import { describe, expect, it } from "vitest";
import dropIn, { MemoryStore } from "../../../src/adapters/express-session.ts";
import type { Options } from "../../../src/adapters/express-session.ts";
import { cookieStore } from "../../../src/stores/cookie/cookie-store.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { SECRET } from "../../support/secrets.ts";
import { bagOf, events, gate, serve } from "./app.ts";
import type { Handler } from "./app.ts";

const LAZY = { resave: false, saveUninitialized: false, secret: "a secret" };

const STORES: readonly (readonly [name: string, store: () => NonNullable<Options["store"]>])[] = [
  ["a store of express-session", () => new MemoryStore()],
  ["a table store", () => tableStore({ table: createTable() })],
];

const SHOW: Handler = (bag, _req, res) => res.json({ ...bag, cookie: undefined });
const SIGN_IN: Handler = (bag, _req, res) => {
  bag["user"] = "ada";
  res.end();
};

describe.each(STORES)("the laws of the drop-in, with %s", (_, store) => {
  it("L5: fifty requests at once keep what each of them has put", async () => {
    const app = await serve(dropIn({ ...LAZY, store: store() }), {
      sign: SIGN_IN,
      put: (bag, req, res) => {
        bag[String(req.query["key"])] = true;
        res.end();
      },
      show: SHOW,
    });
    const browser = app.browser();
    await browser.get("sign");
    await Promise.all(Array.from({ length: 50 }, (__, at) => browser.get(`put?key=k${at}`)));
    const kept = JSON.parse((await browser.get("show")).body) as object;
    expect(Object.keys(kept)).toHaveLength(51);
  });

  it("L7: a request that is slower than the log-out brings nothing back", async () => {
    const [started, finish] = [gate(), gate()];
    const stops = events("stop");
    const app = await serve(dropIn({ ...LAZY, store: store() }), {
      sign: SIGN_IN,
      slow: async (bag, _req, res) => {
        started.open();
        await finish.passed;
        bag["late"] = true;
        res.send("late");
      },
      out: async (bag, _req, res) => {
        await bag.destroy();
        res.end();
      },
      show: SHOW,
    });
    const browser = app.browser();
    await browser.get("sign");
    const copy = app.browser(browser.cookie);
    const slow = copy.get("slow");
    await started.passed;
    await browser.get("out");
    finish.open();
    expect(await slow).toMatchObject({ status: 200, cookies: [] });
    expect((await copy.get("show")).body).toBe("{}");
    expect(stops).toMatchObject([{ cookieName: "connect.sid", reason: "gone" }]);
  });

  it("L11: two cookies that open two sessions are nobody, and regenerate ends both", async () => {
    const app = await serve(dropIn({ ...LAZY, store: store() }), {
      sign: SIGN_IN,
      fresh: async (bag, req, res) => {
        await bag.regenerate();
        bagOf(req)["user"] = "eve";
        res.end();
      },
      show: SHOW,
    });
    const [one, two] = [app.browser(), app.browser()];
    await one.get("sign");
    await two.get("sign");
    const both = app.browser(`${one.cookie}; ${two.cookie}`);
    expect((await both.get("show")).body).toBe("{}");
    expect((await both.get("fresh")).cookies).toHaveLength(1);
    for (const each of [one, two]) expect((await each.get("show")).body).toBe("{}");
    expect(JSON.parse((await both.get("show")).body)).toEqual({ user: "eve" });
  });

  it("L14: a new session whose cookie can no longer leave is an error, and is not stored", async () => {
    const saved = gate();
    let failure: unknown;
    const app = await serve(dropIn({ ...LAZY, store: store() }), {
      put: (bag, _req, res) => {
        res.once("close", () => {
          bag["user"] = "ada";
          bag.save((error) => {
            failure = error;
            saved.open();
          });
        });
        res.end();
      },
    });
    await app.browser().get("put");
    await saved.passed;
    expect(failure).toMatchObject({ code: "ERR_SESSION_COMMITTED" });
  });

  it("a stored session may be saved when the answer has left", async () => {
    const saved = gate();
    let failure: unknown;
    const app = await serve(dropIn({ ...LAZY, store: store() }), {
      sign: SIGN_IN,
      job: (bag, _req, res) => {
        res.once("close", () => {
          bag["done"] = true;
          bag.save((error) => {
            failure = error;
            saved.open();
          });
        });
        res.end();
      },
      show: SHOW,
    });
    const browser = app.browser();
    await browser.get("sign");
    await browser.get("job");
    await saved.passed;
    expect(failure).toBeUndefined();
    expect(JSON.parse((await browser.get("show")).body)).toEqual({ user: "ada", done: true });
  });

  it("L16: a page that shows a session is nobody else's", async () => {
    const app = await serve(dropIn({ ...LAZY, store: store() }), { sign: SIGN_IN, show: SHOW });
    const browser = app.browser();
    const { headers } = await browser.get("sign");
    expect(headers.get("cache-control")).toContain("no-store");
    const page = await browser.get("show");
    expect(page.headers.get("cache-control")).toBe("private, no-cache");
    expect(page.headers.get("vary")).toContain("Cookie");
  });

  it("L14: a client that has gone makes no new session", async () => {
    const [started, finish] = [gate(), gate()];
    const stops = events("stop");
    const app = await serve(dropIn({ ...LAZY, store: store() }), {
      put: async (bag, _req, res) => {
        started.open();
        await finish.passed;
        bag["user"] = "ada";
        res.end();
        await new Promise((later) => setImmediate(later));
      },
      show: SHOW,
    });
    const client = request(`${app.url}/put`).on("error", () => {});
    client.end();
    await started.passed;
    const gone = new Promise((closed) => client.once("close", closed));
    client.destroy();
    await gone;
    await app.browser().get("show"); // The server has heard of it by now.
    finish.open();
    await expect.poll(() => stops).toMatchObject([{ reason: "no-answer" }]);
  });
});

describe("L14: a sealed cookie that can no longer leave", () => {
  it("a save after the answer is an error, and not a silent loss", async () => {
    const saved = gate();
    let failure: unknown;
    const store = cookieStore({ secret: SECRET });
    const app = await serve(dropIn({ ...LAZY, store }), {
      sign: SIGN_IN,
      job: (bag, _req, res) => {
        res.once("close", () => {
          bag["done"] = true;
          bag.save((error) => {
            failure = error;
            saved.open();
          });
        });
        res.end();
      },
    });
    const browser = app.browser();
    await browser.get("sign");
    await browser.get("job");
    await saved.passed;
    expect(failure).toMatchObject({ code: "ERR_SESSION_COMMITTED" });
  });
});

describe("L1: what the options of the drop-in cannot be", () => {
  const config = expect.objectContaining({ code: "ERR_SESSION_CONFIG" });

  it.each<[string, object, unknown]>([
    ["a store that is none", { secret: "s", store: {} }, config],
    [
      "genid beside a store of ours",
      { store: tableStore({ table: createTable() }), genid: () => "1" },
      config,
    ],
    ["onStoreError", { secret: "s", onStoreError: "ignore" }, config],
    ["genid", { secret: "s", genid: "no function" }, TypeError],
    ["unset", { secret: "s", unset: "maybe" }, TypeError],
    ["an empty list of secrets", { secret: [] }, TypeError],
  ])("%s is refused at set-up", (__, options, error) => {
    expect(() => dropIn(options)).toThrow(error);
  });

  it("without a secret the request fails, as with express-session", async () => {
    const app = await serve(dropIn({ resave: false, saveUninitialized: false }), { show: SHOW });
    expect(await app.browser().get("show")).toMatchObject({
      status: 500,
      body: "secret option required for sessions",
    });
  });
});

describe("L2: a store of express-session that fails", () => {
  const failing = (error: Error): InstanceType<typeof MemoryStore> => {
    const store = new MemoryStore();
    store.set = (_id, _session, done) => void setImmediate(() => done?.(error));
    return store;
  };

  it("the error reaches the application as the store has made it, and nothing else leaves", async () => {
    const app = await serve(dropIn({ ...LAZY, store: failing(new Error("the disk is full")) }), {
      sign: SIGN_IN,
    });
    expect(await app.browser().get("sign")).toMatchObject({
      status: 500,
      body: "the disk is full",
      cookies: [],
    });
  });

  it("a store that says disconnect is an error, unless the option says otherwise", async () => {
    const store = new MemoryStore();
    const app = await serve(dropIn({ ...LAZY, store }), { show: SHOW });
    const other = await serve(dropIn({ ...LAZY, store, onStoreError: "anonymous" }), {
      show: (bag, _req, res) => res.send(String(bag)),
    });
    store.emit("disconnect");
    expect(await app.browser().get("show")).toMatchObject({
      status: 500,
      body: "ERR_SESSION_STORE",
    });
    expect((await other.browser().get("show")).body).toBe("undefined");
    store.emit("connect");
    expect((await app.browser().get("show")).status).toBe(200);
  });

  it("a touch that fails takes no page away, and is an event", async () => {
    const errors = events("touch-error");
    const store = new MemoryStore();
    const app = await serve(dropIn({ ...LAZY, store }), { sign: SIGN_IN, show: SHOW });
    const browser = app.browser();
    await browser.get("sign");
    store.touch = (_id, _session, done) => {
      (done as (error: Error) => void)(new Error("no"));
    };
    expect((await browser.get("show")).status).toBe(200);
    expect(errors).toHaveLength(1);
  });
});
