/** What every example does: the same small shop. docs/frameworks/README.md says what it has to have. */
import { expect } from "vitest";
import { BOTH, SEALED, TABLE } from "./check.ts";
import type { Check } from "./check.ts";
import type { Reply } from "./visitor.ts";

function cacheOf({ headers }: Reply): string {
  return headers.get("cache-control") ?? "";
}

export const checks: readonly Check[] = [
  {
    title: "a visitor who is nobody gets no cookie, and a page for everybody has no trace of us",
    stores: BOTH,
    async run({ visitor }) {
      const page = await visitor.get("/");
      expect([page.status, page.byId("user"), page.cookies]).toEqual([200, "nobody", []]);
      const same = await visitor.get("/static");
      expect([same.status, same.cookies]).toEqual([200, []]);
      expect(cacheOf(same)).not.toMatch(/private|no-store/);
    },
  },
  {
    title: "a form without a script logs in, and the redirect has the one cookie",
    stores: BOTH,
    async run({ visitor }) {
      const answer = await visitor.logIn("ann");
      expect([answer.status, answer.cookies.length]).toEqual([303, 1]);
      expect(cacheOf(answer)).toMatch(/no-store/);
      const page = await visitor.get("/");
      expect([page.byId("user"), page.byId("notice")]).toEqual(["ann", "Welcome, ann."]);
      expect(cacheOf(page)).toMatch(/private|no-store/);
    },
  },
  {
    title: "one visit of a page with several readers reads the session once",
    stores: BOTH,
    async run({ framework, visitor }) {
      await visitor.logIn("ann");
      const before = Number((await visitor.get("/api/reads", "")).text);
      await visitor.get("/");
      const after = Number((await visitor.get("/api/reads", "")).text);
      expect(after - before).toBe(framework.readsPerPage);
    },
  },
  {
    title: "forms fill the cart, the message goes, and the page that answers shows the new state",
    stores: BOTH,
    async run({ visitor }) {
      await visitor.logIn("ann");
      const first = await visitor.submit("add");
      const shown = first.status === 200 ? first : await visitor.get("/");
      expect(shown.byId("cart")).toBe("1");
      await visitor.submit("add");
      const page = await visitor.get("/");
      expect([page.byId("cart"), page.byId("notice")]).toEqual(["2", ""]);
    },
  },
  {
    title: "the streamed part has the device of this session",
    stores: BOTH,
    async run({ visitor }) {
      await visitor.logIn(`streamed-${Math.random()}`);
      expect((await visitor.get("/")).text).toContain("this device");
    },
  },
  {
    title: "an action that fails, and one that is not found, keep what they have written",
    stores: BOTH,
    async run({ visitor, store }) {
      await visitor.logIn("ann");
      const failed = await visitor.submit("fail");
      expect(failed.status).toBeGreaterThanOrEqual(500);
      const lost = await visitor.submit("lost");
      expect(lost.status).toBe(404);
      // Not every framework sends a cookie with its answer to an error.
      const cart = Number((await visitor.get("/")).byId("cart"));
      expect(cart).toBeGreaterThanOrEqual(store === "table" ? 2 : 1);
    },
  },
  {
    title: "an endpoint that logs in and redirects keeps the log-in",
    stores: BOTH,
    async run({ visitor }) {
      const answer = await visitor.post("/api/missing");
      expect(answer.status).toBeGreaterThanOrEqual(300);
      expect(answer.status).toBeLessThan(400);
      expect((await visitor.get("/")).byId("user")).toBe("eve");
    },
  },
  {
    title: "a late write in a stream is ERR_SESSION_COMMITTED, and the answer is private",
    stores: BOTH,
    async run({ visitor }) {
      await visitor.logIn("ann");
      const answer = await visitor.get("/api/late");
      expect(answer.text).toBe("ann ERR_SESSION_COMMITTED");
      expect(cacheOf(answer)).toMatch(/private|no-store/);
      expect(answer.headers.get("vary")).toMatch(/cookie/i);
    },
  },
  {
    title: "a request that the application makes to itself is the same visitor's",
    stores: BOTH,
    async run({ visitor }) {
      await visitor.logIn("ann");
      const answer = await visitor.get("/api/self");
      expect(answer.json()).toEqual({ user: "ann", inner: { user: "ann", cart: 0 } });
      expect(answer.cookies).toEqual([]);
    },
  },
  {
    title: "eight writes at once lose none",
    stores: TABLE,
    async run({ visitor }) {
      await visitor.logIn("ann");
      const { cookie } = visitor;
      await Promise.all(Array.from({ length: 8 }, () => visitor.post("/api/add", cookie)));
      expect((await visitor.get("/")).byId("cart")).toBe("8");
    },
  },
  {
    title:
      "eight writes at once on a sealed cookie are eight cookies, of which the browser keeps one",
    stores: SEALED,
    async run({ visitor }) {
      await visitor.logIn("ann");
      const { cookie } = visitor;
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => visitor.send("/api/add", { method: "POST" }, cookie)),
      );
      expect(answers.map(({ cookies }) => cookies.length)).toEqual(Array(8).fill(1));
      expect((await visitor.get("/")).byId("cart")).toBe("1");
    },
  },
  {
    title: "a commit that fails is the framework's error, and nobody is signed out",
    stores: SEALED,
    async run({ visitor }) {
      await visitor.logIn("ann");
      const answer = await visitor.post("/api/big");
      expect([answer.status, answer.cookies]).toEqual([500, []]);
      expect(answer.text).not.toContain("stored");
      expect((await visitor.get("/")).byId("user")).toBe("ann");
    },
  },
  {
    title: "a guarded page is for users",
    stores: BOTH,
    async run({ visitor }) {
      const refused = await visitor.get("/account");
      expect(refused.status).toBeGreaterThanOrEqual(302);
      expect(refused.status).toBeLessThan(309);
      await visitor.logIn("ann");
      expect((await visitor.get("/account")).byId("account")).toBe("ann");
    },
  },
  {
    title: "a log-out clears the cookie, and in a table the old cookie is nobody's",
    stores: BOTH,
    async run({ visitor, store }) {
      await visitor.logIn("ann");
      const { cookie } = visitor;
      const answer = await visitor.submit("logout");
      expect([answer.cookies.length, visitor.cookie]).toEqual([1, ""]);
      expect((await visitor.get("/")).byId("user")).toBe("nobody");
      if (store === "sealed") return; // A copy of a sealed cookie lives on, unless `revocations` is given.
      expect((await visitor.get("/", cookie)).byId("user")).toBe("nobody");
    },
  },
  {
    title: "a session lives 40 hours by pages that only read, and ends a day after the last",
    stores: BOTH,
    async run({ visitor }) {
      await visitor.logIn("ann");
      for (let visit = 0; visit < 4; visit++) {
        await visitor.pass(10);
        expect((await visitor.get("/")).byId("user"), `visit ${visit}`).toBe("ann");
      }
      await visitor.pass(25);
      expect((await visitor.get("/")).byId("user")).toBe("nobody");
    },
  },
];
