/** What becomes of a slower request beside a log-out: it ends where it finds that its session has ended. */
import { describe, expect, it } from "vitest";
import dropIn, { MemoryStore } from "../../../src/adapters/express-session.ts";
import type { Options } from "../../../src/adapters/express-session.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { bagOf, events, gate, serve } from "./app.ts";
import type { Bag, Handler } from "./app.ts";

const LAZY = { resave: false, saveUninitialized: false, secret: "a secret" };

const STORES: readonly (readonly [name: string, store: () => NonNullable<Options["store"]>])[] = [
  ["a store of express-session", () => new MemoryStore()],
  ["a table store", () => tableStore({ table: createTable() })],
];

const SHOW: Handler = (bag, _req, res) => res.json({ ...bag, cookie: undefined });
const SIGN_IN: Handler = (bag, _req, res) => {
  bag["user"] = { name: "ada" };
  res.end();
};
const SIGN_OUT: Handler = async (bag, _req, res) => {
  await bag.destroy();
  res.end();
};

describe.each(STORES)("L7: a request that has met the log-out, with %s", (_, store) => {
  /** Signs in, and out again while a slower request waits for it. Gives the slower answer, and what its cookies open. */
  async function meetLogOut(slow: (bag: Bag, req: object) => Promise<void>) {
    const [started, finish] = [gate(), gate()];
    const app = await serve(dropIn({ ...LAZY, store: store() }), {
      sign: SIGN_IN,
      out: SIGN_OUT,
      show: SHOW,
      slow: async (bag, req, res) => {
        started.open();
        await finish.passed;
        await slow(bag, req);
        res.end();
      },
    });
    const browser = app.browser();
    await browser.get("sign");
    const slower = app.browser(browser.cookie);
    const old = app.browser(browser.cookie);
    const answer = slower.get("slow");
    await started.passed;
    await browser.get("out");
    finish.open();
    const { status, cookies } = await answer;
    const [behindOld, behindNew] = [await old.get("show"), await slower.get("show")];
    return { status, cookies, old: behindOld.body, new: JSON.parse(behindNew.body) as object };
  }
  const nothing = { status: 200, cookies: [], old: "{}", new: {} };

  it("a change after its save brings nothing back, and each is an event", async () => {
    const stops = events("stop");
    const seen = await meetLogOut(async (bag) => {
      bag["step"] = 1;
      await bag.save();
      (bag["user"] as { seen?: number }).seen = 1;
    });
    expect(seen).toEqual(nothing);
    expect(stops).toMatchObject([{ reason: "gone" }, { reason: "gone" }]);
  });

  it("a change after its reload brings nothing back, and a second reload fails, too", async () => {
    const failures: unknown[] = [];
    const seen = await meetLogOut(async (bag) => {
      for (const __ of [1, 2]) await Promise.resolve(bag.reload()).catch((e) => failures.push(e));
      (bag["user"] as { seen?: number }).seen = 1;
      await bag.save();
    });
    expect(failures).toMatchObject([
      { message: "failed to load session" },
      { message: "failed to load session" },
    ]);
    expect(seen).toEqual(nothing);
  });

  it("a log-in in it begins a session that is kept", async () => {
    const seen = await meetLogOut(async (bag, req) => {
      bag["step"] = 1;
      await bag.save();
      await bag.regenerate();
      bagOf(req)["user"] = "eve";
    });
    expect(seen).toMatchObject({ status: 200, old: "{}", new: { user: "eve" } });
  });
});

describe("L5: a request that puts what another one has put meanwhile, with a table store", () => {
  it("it goes on with the session, which has not ended", async () => {
    const [started, finish] = [gate(), gate()];
    const app = await serve(dropIn({ ...LAZY, store: tableStore({ table: createTable() }) }), {
      sign: SIGN_IN,
      show: SHOW,
      put: (bag, _req, res) => {
        bag["same"] = 1;
        res.end();
      },
      slow: async (bag, _req, res) => {
        await bag.save();
        started.open();
        await finish.passed;
        bag["same"] = 1;
        await bag.save();
        bag["more"] = 2;
        res.end();
      },
    });
    const browser = app.browser();
    await browser.get("sign");
    const slow = app.browser(browser.cookie).get("slow");
    await started.passed;
    await browser.get("put");
    finish.open();
    await slow;
    expect(JSON.parse((await browser.get("show")).body)).toMatchObject({ same: 1, more: 2 });
  });
});

describe("L7: a store whose touch is a get and a set", () => {
  /** Lets whoever does not wait for the touch come first. The store answers within one round of the event loop. */
  async function letOthersCome(): Promise<void> {
    for (let round = 0; round < 10; round++) await new Promise((next) => setImmediate(next));
  }

  /** As session-file-store does it. A touch waits between the two, until the test says so. */
  async function serveSlowTouch() {
    const [touching, asked, finish] = [gate(), gate(), gate()];
    const store = new MemoryStore();
    store.touch = (id, session, done) => {
      store.get(id, (_error, row) => {
        const goOn = async (): Promise<void> => {
          await finish.passed;
          if (row) store.set(id, { ...row, cookie: session.cookie }, done);
        };
        touching.open();
        void goOn();
      });
    };
    const app = await serve(dropIn({ ...LAZY, store }), {
      sign: SIGN_IN,
      show: SHOW,
      out: async (bag, _req, res) => {
        const ended = bag.destroy();
        asked.open();
        await ended;
        res.end();
      },
      put: async (bag, _req, res) => {
        bag["cart"] = ["apple"];
        const saved = bag.save();
        asked.open();
        await saved;
        res.end();
      },
    });
    const browser = app.browser();
    await browser.get("sign");
    return { browser, copy: app.browser(browser.cookie), touching, asked, finish };
  }

  it("a touch undoes no write that comes between", async () => {
    const { browser, copy, touching, asked, finish } = await serveSlowTouch();
    const shown = copy.get("show");
    await touching.passed;
    const put = browser.get("put");
    await asked.passed;
    await letOthersCome();
    finish.open();
    await Promise.all([shown, put]);
    expect(JSON.parse((await copy.get("show")).body)).toMatchObject({ cart: ["apple"] });
  });

  it("a touch undoes no log-out that comes between", async () => {
    const { browser, copy, touching, asked, finish } = await serveSlowTouch();
    const shown = copy.get("show");
    await touching.passed;
    const out = browser.get("out");
    await asked.passed;
    await letOthersCome();
    finish.open();
    await Promise.all([shown, out]);
    expect((await copy.get("show")).body).toBe("{}");
  });
});

describe("L7: a touch after the log-out", () => {
  it("it writes nothing, and no cookie leaves", async () => {
    const [started, finish] = [gate(), gate()];
    const stops = events("stop");
    const store = new MemoryStore();
    const app = await serve(dropIn({ ...LAZY, store, rolling: true }), {
      sign: SIGN_IN,
      out: SIGN_OUT,
      slow: async (_bag, _req, res) => {
        started.open();
        await finish.passed;
        res.end();
      },
    });
    const browser = app.browser();
    await browser.get("sign");
    const slow = app.browser(browser.cookie).get("slow");
    await started.passed;
    await browser.get("out");
    finish.open();
    expect((await slow).cookies).toEqual([]);
    expect(stops).toMatchObject([{ reason: "gone" }]);
  });
});
