/** The drop-in over a table takes over the sessions of express-session itself. */
import expressSession from "express-session";
import { describe, expect, it } from "vitest";
import dropIn from "../../../src/adapters/express-session.ts";
import { expressSession as reader } from "../../../src/readers/index.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { Browser } from "../../libraries/browser.ts";
import { SECRET } from "../../support/secrets.ts";
import { bagOf, serve } from "./app.ts";
import type { Handler } from "./app.ts";

const COMMON = { resave: false, saveUninitialized: false } as const;
const OLD = "the secret of the old sessions";

const handlers: Readonly<Record<string, Handler>> = {
  in: (bag, _req, res) => {
    bag["user"] = "ada";
    bag["seen"] = { first: true };
    res.end();
  },
  show: (bag, _req, res) => res.json({ ...bag, cookie: undefined }),
  put: (bag, req, res) => {
    bag[String(req.query["key"])] = true;
    res.end();
  },
  out: (bag, _req, res) => bag.destroy((error) => res.send(error ? "failed" : "out")),
  // Passport's log-out saves, and then regenerates.
  "out-after-save": (bag, req, res) => {
    delete bag["user"];
    bag["left"] = true;
    bag.save(() => bagOf(req).regenerate((error) => res.send(error ? "failed" : "out")));
  },
  enter: (bag, req, res) =>
    bag.regenerate(() => {
      bagOf(req)["user"] = "bob";
      res.end();
    }),
};

/** The application before and after, and a browser that was signed in before. */
async function move() {
  const store = new expressSession.MemoryStore();
  const before = await serve(expressSession({ ...COMMON, secret: OLD, store }), handlers);
  const after = await serve(
    dropIn({
      ...COMMON,
      name: "session",
      store: tableStore({ table: createTable() }),
      adopt: {
        secret: SECRET,
        until: new Date(Date.now() + 60_000),
        from: [reader({ secret: OLD, store })],
      },
    }),
    handlers,
  );
  const browser = new Browser(before.url, () => {});
  await browser.get("/in");
  const old = await browser.cookies();
  const ask = async (path: string) => (await browser.get(`${after.url}/${path}`)).text;
  /** What a copy of the old cookie opens. */
  const replay = async () =>
    (await fetch(`${after.url}/show`, { headers: { cookie: old } })).text();
  return { browser, ask, replay, old, after };
}

const names = (cookies: string): string => cookies.replaceAll(/=[^;]*/g, "");

describe("the drop-in with the option adopt", () => {
  it("an old session goes on with its data, and the browser has one cookie, which is ours", async () => {
    const { browser, ask } = await move();
    expect(names(await browser.cookies())).toBe("connect.sid");
    expect(JSON.parse(await ask("show"))).toEqual({ user: "ada", seen: { first: true } });
    expect(names(await browser.cookies())).toBe("session");
    expect(JSON.parse(await ask("show"))).toEqual({ user: "ada", seen: { first: true } });
  });

  it("L5: twenty requests that bring the old cookie at once make one session, with what each has put", async () => {
    const { ask, old, after } = await move();
    const keys = Array.from({ length: 20 }, (_, at) => `key ${at}`);
    const send = (key: string) =>
      fetch(`${after.url}/put?key=${encodeURIComponent(key)}`, { headers: { cookie: old } });
    const answers = await Promise.all(keys.map(send));
    expect(answers.map(({ status }) => status)).toEqual(keys.map(() => 200));
    expect(Object.keys(JSON.parse(await ask("show")) as object)).toEqual(
      expect.arrayContaining(["user", "seen", ...keys]),
    );
  });

  it("L7: a log-out ends the session, also in the request that takes it over, and the old cookie opens nothing", async () => {
    for (const first of [[], ["show"]]) {
      const { browser, ask, replay } = await move();
      for (const path of first) await ask(path);
      expect(await ask("out")).toBe("out");
      expect(names(await browser.cookies())).toBe("");
      expect(await replay()).toBe("{}");
    }
  });

  it.each(["out", "out-after-save"])(
    "L7: %s ends the old session of a cookie that is beside ours",
    async (path) => {
      const { after, old, replay } = await move();
      const entered = await fetch(`${after.url}/enter`);
      const ours = entered.headers.getSetCookie().map((each) => each.split(";")[0]);
      const cookie = [...ours, old].join("; ");
      const show = await fetch(`${after.url}/show`, { headers: { cookie } });
      expect(await show.json()).toEqual({ user: "bob" });
      const left = await fetch(`${after.url}/${path}`, { headers: { cookie } });
      expect(await left.text()).toBe("out");
      expect(await replay()).toBe("{}");
    },
  );

  it("the option is refused with a store of express-session, which keeps its own sessions", () => {
    const store = new expressSession.MemoryStore();
    const from = [reader({ secret: OLD, store })];
    const adopt = { secret: SECRET, until: new Date(Date.now() + 60_000), from };
    expect(() => dropIn({ secret: OLD, store, name: "session", adopt })).toThrow(
      /^adopt needs a store of Sojourn/,
    );
  });
});
