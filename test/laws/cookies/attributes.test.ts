/** A cookie whose attributes change: within a session, and from one deployment to the next. */
import { CookieJar } from "tough-cookie";
import { describe, expect, it } from "vitest";
import { session as middleware } from "../../../src/adapters/fetch.ts";
import type { SessionOptions } from "../../../src/core/options/session-options.ts";
import type { Sessions } from "../../../src/core/types.ts";
import { hear } from "../../support/events.ts";
import type { SessionEvent } from "../../support/events.ts";
import { confideCookies } from "../../support/leaks.ts";
import { visit } from "../../support/visit.ts";
import { EVERY, World } from "./world.ts";
import type { Data } from "./world.ts";

type Attributes = Partial<SessionOptions<Data>>;

const SITE = "https://www.shop.example";

/** A browser that keeps cookies by host, path and name, as the RFC says. */
class User {
  readonly events: SessionEvent[] = [];
  readonly #jar = new CookieJar();

  /** Asks a page below `path`, and gives its text, with a star if the page has sent a cookie. */
  async go(sessions: Sessions<Data>, page: string): Promise<string> {
    const response = await this.ask(sessions, page);
    const isSent = response.headers.getSetCookie().length > 0;
    return `${await response.text()}${isSent ? "*" : ""}`;
  }

  async ask(sessions: Sessions<Data>, page: string): Promise<Response> {
    const url = new URL(page, SITE);
    const cookie = await this.#jar.getCookieString(url.href);
    const request = new Request(url, { headers: cookie ? { cookie } : {} });
    const response = await hear(this.events, () => middleware(sessions, pages(sessions))(request));
    for (const each of confideCookies(response.headers.getSetCookie())) {
      await this.#jar.setCookie(each, url.href);
    }
    return response;
  }

  /** How many cookies the browser has for a page. */
  async count(page: string): Promise<number> {
    return (await this.#jar.getCookies(new URL(page, SITE).href)).length;
  }
}

function pages(sessions: Sessions<Data>) {
  return (request: Request): Response => {
    const { pathname, searchParams } = new URL(request.url);
    const act = pathname.split("/").pop();
    if (act === "login") sessions.putSession(request, "user", searchParams.get("u") ?? "");
    if (act === "logout") sessions.dropSession(request);
    if (act === "write") sessions.updateSession(request, "n", (n = 0) => n + 1);
    for (const name of ["path", "domain"] as const) {
      const value = searchParams.get(name);
      if (value) sessions.configureSession(request, name, value);
    }
    return new Response(sessions.getSession(request, "user") ?? "nobody");
  };
}

const MOVES: readonly (readonly [string, Attributes, Attributes, string])[] = [
  ["a domain was added", {}, { domain: "shop.example" }, "/"],
  ["a domain was taken away", { domain: "shop.example" }, {}, "/"],
  ["the path was /app and is /", { path: "/app" }, { path: "/" }, "/app/"],
  ["the path was / and is /app", { path: "/" }, { path: "/app" }, "/app/"],
];

describe.each(EVERY)("L7: a deployment with other cookie attributes, with %s", (_, make) => {
  it.each(MOVES)(
    "if %s, a look moves the cookie, a log-out logs out, and the next user can log in",
    async (_move, before, after, path) => {
      const world = new World(make);
      const [old, now] = [
        world.deploy({ subject: "user", ...before }),
        world.deploy({ subject: "user", ...after }),
      ];
      const user = new User();
      expect(await user.go(old, `${path}login?u=ann`)).toBe("ann*");
      expect(await user.go(now, `${path}me`)).toBe("ann*");
      expect(await user.count(path)).toBe(1);
      expect(await user.go(now, `${path}me`)).toBe("ann");
      expect(await user.go(now, `${path}write`)).toMatch(/^ann/);
      expect(await user.go(now, `${path}logout`)).toBe("nobody*");
      expect(await user.count(path)).toBe(0);
      expect(await user.go(now, `${path}login?u=bob`)).toBe("bob*");
      expect(await user.go(now, `${path}me`)).toBe("bob");
      expect(await user.go(now, `${path}logout`)).toBe("nobody*");
      expect(await user.go(now, `${path}me`)).toBe("nobody");
      expect(user.events.filter(({ name }) => name === "refuse")).toEqual([]);
    },
  );

  it.each(MOVES)(
    "if %s, a log-out and a log-in that come first clear the former cookie, too",
    async (_move, before, after, path) => {
      for (const act of ["logout", "login?u=bob"]) {
        const world = new World(make);
        const [old, now] = [
          world.deploy({ subject: "user", ...before }),
          world.deploy({ subject: "user", ...after }),
        ];
        const user = new User();
        await user.go(old, `${path}login?u=ann`);
        await user.go(now, `${path}${act}`);
        expect(await user.count(path)).toBe(act === "logout" ? 0 : 1);
        expect(await user.go(now, `${path}me`)).toBe(act === "logout" ? "nobody" : "bob");
      }
    },
  );

  it.each(MOVES)(
    "if %s, formerly clears a cookie of which nothing is known, with every cookie",
    async (_move, before, after, path) => {
      const world = new World(make);
      const { path: formerPath, domain } = before as { path?: string; domain?: string };
      const other = new World(make); // Its sessions open nothing here.
      const now = world.deploy({
        subject: "user",
        ...after,
        formerly: [{ path: formerPath, domain }],
      });
      const user = new User();
      await user.go(other.deploy({ subject: "user", ...before }), `${path}login?u=ann`);
      expect(await user.count(path)).toBe(1);
      const response = await user.ask(now, `${path}login?u=bob`);
      expect(response.headers.getSetCookie()).toHaveLength(2);
      expect(await user.count(path)).toBe(1);
      expect(await user.go(now, `${path}me`)).toBe("bob");
      const again = await user.ask(now, `${path}logout`);
      expect(again.headers.getSetCookie()).toHaveLength(2);
    },
  );

  it("a cookie that was configured elsewhere is cleared where it was, in the same answer", async () => {
    for (const configured of ["path=/app", "domain=shop.example"]) {
      const { sessions } = new World(make);
      const user = new User();
      await user.go(sessions, "/app/login?u=ann");
      expect(await user.go(sessions, `/app/settings?${configured}`)).toBe("ann*");
      expect(await user.count("/app/")).toBe(1);
      expect(await user.go(sessions, "/app/me")).toBe("ann");
      expect(await user.go(sessions, "/app/logout")).toBe("nobody*");
      expect([await user.count("/app/"), await user.count("/")]).toEqual([0, 0]);
    }
  });

  it("a log-in that moves the cookie of an anonymous session leaves one cookie", async () => {
    const { sessions } = new World(make);
    const user = new User();
    await user.go(sessions, "/write");
    expect(await user.go(sessions, "/login?u=ann&domain=shop.example")).toBe("ann*");
    expect(await user.go(sessions, "/me")).toBe("ann");
    expect(await user.go(sessions, "/logout")).toBe("nobody*");
    expect(await user.go(sessions, "/me")).toBe("nobody");
  });

  it("several cookies that a log-out settles are each cleared where they were", async () => {
    const world = new World(make);
    const cookies: string[] = [];
    for (const attributes of [{ path: "/app" }, { domain: "shop.example" }]) {
      const before = world.deploy({ subject: "user", ...attributes });
      const { headers } = await new User().ask(before, "/app/login?u=ann");
      cookies.push(headers.getSetCookie()[0]?.split(";")[0] ?? "");
    }
    const now = world.deploy({ subject: "user" });
    const answer = await visit(now, cookies.join("; "), (conn) => now.dropSession(conn));
    const places = answer.headers
      .getSetCookie()
      .map((each) => [/Path=[^;]*/.exec(each)?.[0], /Domain=[^;]*/.exec(each)?.[0]].join(" "));
    expect(places.toSorted()).toEqual(["Path=/ ", "Path=/ Domain=shop.example", "Path=/app "]);
  });
});

describe.each(EVERY)("L13: new options of a deployment, with %s", (_, make) => {
  const CHANGES: readonly (readonly [string, Attributes, RegExp])[] = [
    ["sameSite", { sameSite: "strict" }, /SameSite=Strict/],
    ["persist", { persist: true }, /Max-Age=\d+/],
    ["httpOnly", { httpOnly: false }, /Path=\/; Secure/],
    ["domain", { domain: "shop.example" }, /Domain=shop\.example/],
  ];

  it.each(CHANGES)(
    "%s reaches a session that is there, once, by a request that looks",
    async (...given) => {
      const [, changed, pattern] = given;
      const world = new World(make);
      const { cookie } = await world.signedIn("ann");
      const now = world.deploy({ subject: "user", ...changed });
      const look = await visit(now, cookie, (conn) => now.getSession(conn, "user"));
      const own = look.headers.getSetCookie().at(-1) ?? "";
      expect([look.result, own]).toEqual(["ann", expect.stringMatching(pattern)]);
      const again = await visit(now, own.split(";")[0], (conn) => now.getSession(conn, "user"));
      expect([again.result, again.setCookie]).toEqual(["ann", undefined]);
    },
  );

  it("they reach it by a write, and by configure that names the new value", async () => {
    const world = new World(make);
    const now = world.deploy({ subject: "user", sameSite: "strict" });
    for (const configures of [false, true]) {
      const { cookie } = await world.signedIn("ann");
      const answer = await visit(now, cookie, (conn) => {
        if (configures) now.configureSession(conn, "sameSite", "strict");
        else now.putSession(conn, "n", 1);
      });
      expect(answer.setCookie).toContain("SameSite=Strict");
    }
  });

  it("they do not reach it by a request that does not look, nor if the client has gone", async () => {
    const world = new World(make);
    const { cookie } = await world.signedIn("ann");
    const now = world.deploy({ subject: "user", sameSite: "strict" });
    expect((await visit(now, cookie, () => {})).setCookie).toBeUndefined();
    const look = (gone: boolean) =>
      visit(now, cookie, (conn) => now.getSession(conn, "user"), { gone });
    expect((await look(true)).setCookie).toBeUndefined();
    expect((await look(false)).setCookie).toContain("SameSite=Strict");
  });

  it("what was configured for the session stands above them", async () => {
    const world = new World(make);
    const { cookie } = await world.signedIn("ann");
    const own = await world.visit([cookie], (conn) =>
      world.sessions.configureSession(conn, "sameSite", "none"),
    );
    expect(own.setCookie).toContain("SameSite=None");
    const now = world.deploy({ subject: "user", sameSite: "strict" });
    const answer = await visit(now, own.setCookie?.split(";")[0], (conn) => now.getSession(conn));
    expect(answer.setCookie ?? "SameSite=None").toContain("SameSite=None");
  });

  it("a look at a session with the same options asks the table for no more than a read", async () => {
    const world = new World(make, { subject: "user", sameSite: "strict", domain: "shop.example" });
    const { cookie } = await world.signedIn("ann");
    world.table.forget();
    const answer = await world.visit([cookie], (conn) => world.sessions.getSession(conn));
    expect([answer.setCookie, world.table.calls.filter((each) => each !== "get")]).toEqual([
      undefined,
      [],
    ]);
  });
});
