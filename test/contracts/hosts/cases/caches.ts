import { describe, expect, test } from "vitest";
import type { Incoming, Reply } from "../app.ts";
import { whole } from "../client.ts";
import type { Answer } from "../client.ts";
import { open, signal } from "../world.ts";
import type { OpenOptions, Setting, World } from "../world.ts";

/** L16: what keeps caches off a page, whenever the handler looked. */
export function cacheCases(setting: Setting): void {
  const lasting = { "Cache-Control": "public, max-age=60" };

  /** A page whose handler first looks at the session when a part of it has arrived. */
  async function streaming(
    headers: Reply["headers"] = {},
    sessions: OpenOptions["sessions"] = {},
  ): Promise<{
    readonly world: World;
    readonly ask: (signedIn: boolean) => Promise<Answer>;
  }> {
    let arrived = signal();
    const build =
      ({ sessions }: Pick<World, "sessions">) =>
      ({ conn, path }: Incoming): Reply => {
        if (path === "/login") sessions.putSession(conn, "user", "ada");
        if (path === "/login") return { body: "in" };
        return {
          headers,
          body: (async function* () {
            yield "hello ";
            await arrived.given;
            yield sessions.getSession(conn, "user") ?? "nobody";
          })(),
        };
      };
    const world = await open(setting, build, { sessions });
    const signedIn = world.browser();
    await signedIn.get("/login");
    return {
      world,
      async ask(isSignedIn) {
        arrived = signal();
        const exchange = (isSignedIn ? signedIn : world.browser()).ask("/");
        (await exchange.head).body.once("data", arrived.give);
        return whole(exchange);
      },
    };
  }

  const cacheHeaders = ({ headers }: Answer) => [headers["vary"], headers["cache-control"]];
  const late = (world: World) => world.events.filter((event) => event.startsWith("late-look"));

  describe("a page whose handler first looks while it streams", () => {
    test("the page is private for a visitor with a session", async () => {
      const { world, ask } = await streaming();
      const answer = await ask(true);
      expect(answer.body).toBe("hello ada");
      expect(cacheHeaders(answer)).toEqual(["Cookie", "private, no-cache"]);
      expect(late(world)).toEqual([]);
    });

    test("the page keeps the Vary of its handler", async () => {
      const { ask } = await streaming({ Vary: "Accept" });
      const answer = await ask(true);
      expect(cacheHeaders(answer)).toEqual(["Accept, Cookie", "private, no-cache"]);
    });

    test("the page keeps the Cache-Control of its handler, with an event unless that is private", async () => {
      const shared = await streaming(lasting);
      expect(cacheHeaders(await shared.ask(true))).toEqual([undefined, lasting["Cache-Control"]]);
      expect(late(shared.world)).toEqual(["late-look shared-head"]);
      const own = await streaming({ "Cache-Control": "private, max-age=5" });
      expect(cacheHeaders(await own.ask(true))).toEqual([undefined, "private, max-age=5"]);
      expect(late(own.world)).toEqual([]);
    });

    test("the page of a visitor without a session gets no header of ours, and is an event", async () => {
      const { world, ask } = await streaming();
      const answer = await ask(false);
      expect(answer.body).toBe("hello nobody");
      expect(cacheHeaders(answer)).toEqual([undefined, undefined]);
      expect(late(world)).toEqual(["late-look shared-head"]);
    });
  });

  describe("the error page of a handler that has looked", () => {
    const failing = (look: (world: Pick<World, "sessions">, conn: Incoming["conn"]) => void) =>
      open(setting, (world) => ({ conn, path }) => {
        if (path === "/login") world.sessions.putSession(conn, "user", "ada");
        else look(world, conn);
        if (path === "/login") return { body: "in" };
        throw new Error("boom");
      });

    test("the error page is private", async () => {
      const world = await failing(({ sessions }, conn) => void sessions.getSession(conn));
      const browser = world.browser();
      await browser.get("/login");
      const answer = await browser.get("/");
      expect(answer).toMatchObject({ status: 500, body: "boom" });
      expect(cacheHeaders(answer)).toEqual(["Cookie", "private, no-cache"]);
    });

    test("the error page is private even if the session could not be committed", async () => {
      const world = await open(setting, ({ sessions }) => ({ conn }) => {
        sessions.putSession(conn, "text", "x".repeat(2_000_000));
        return { body: "never", headers: lasting };
      });
      const answer = await world.browser().get("/");
      expect(answer.status).toBe(500);
      expect(answer.cookies).toEqual([]);
      expect(cacheHeaders(answer)).toEqual(["Cookie", "private, no-cache"]);
    });
  });

  describe('with the option cacheControl: "no-store"', () => {
    const sessions = { cacheControl: "no-store" } as const;

    test("a page whose handler looked is kept by no cache, also that of an error, and Vary stays", async () => {
      const world = await open(
        setting,
        ({ sessions }) =>
          ({ conn, path }) => {
            if (path === "/login") sessions.putSession(conn, "user", "ada");
            else sessions.getSession(conn, "user");
            if (path === "/fail") throw new Error("boom");
            return { body: "page" };
          },
        { sessions },
      );
      const browser = world.browser();
      for (const path of ["/login", "/page", "/fail"]) {
        expect(cacheHeaders(await browser.get(path))).toEqual(["Cookie", "no-store"]);
      }
    });

    test("a page keeps the Cache-Control that its handler has set, and one that has not looked gets none", async () => {
      const world = await open(
        setting,
        ({ sessions }) =>
          ({ conn, path }) => {
            if (path === "/own") sessions.getSession(conn, "user");
            return { body: "page", headers: path === "/own" ? lasting : {} };
          },
        { sessions },
      );
      const browser = world.browser();
      expect(cacheHeaders(await browser.get("/own"))).toEqual(["Cookie", lasting["Cache-Control"]]);
      expect(cacheHeaders(await browser.get("/other"))).toEqual([undefined, undefined]);
    });

    test("a page whose handler first looks while it streams is kept by no cache", async () => {
      const { ask } = await streaming({}, sessions);
      expect(cacheHeaders(await ask(true))).toEqual(["Cookie", "no-store"]);
    });

    test("the error of a session that could not be committed is kept by no cache", async () => {
      const world = await open(
        setting,
        ({ sessions }) =>
          ({ conn }) => {
            sessions.putSession(conn, "text", "x".repeat(2_000_000));
            return { body: "never", headers: lasting };
          },
        { sessions },
      );
      const answer = await world.browser().get("/");
      expect([answer.status, ...cacheHeaders(answer)]).toEqual([500, "Cookie", "no-store"]);
    });
  });

  test("only answers that log in or out make the browser forget pages that it has fetched ahead", async () => {
    const world = await open(setting, ({ sessions }) => ({ conn, path }) => {
      if (path === "/login") sessions.putSession(conn, "user", "ada");
      else if (path === "/renew") sessions.renewSession(conn);
      else if (path === "/write") sessions.updateSession(conn, "n", (n = 0) => n + 1);
      else if (path === "/logout") sessions.dropSession(conn);
      else sessions.getSession(conn);
      return { body: path };
    });
    const browser = world.browser();
    const seen = [];
    for (const path of ["/read", "/login", "/read", "/write", "/renew", "/logout", "/read"]) {
      const value = (await browser.get(path)).headers["clear-site-data"];
      if (value !== undefined) seen.push(`${path} ${String(value)}`);
    }
    const forget = '"prefetchCache", "prerenderCache"';
    expect(seen).toEqual([`/login ${forget}`, `/renew ${forget}`, `/logout ${forget}`]);
  });
}
