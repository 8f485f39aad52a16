import { describe, expect, it } from "vitest";
import { createSessions } from "../../../src/core/sessions.ts";
import { cookieStore } from "../../../src/stores/cookie/cookie-store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { DAY, HOUR, MINUTE } from "../../support/clock.ts";
import { commits, refusals, stops } from "../../support/events.ts";
import { EVERY, GRACE, Renewing, changesOfToken } from "./renewing.ts";
import { SECRET } from "../../support/secrets.ts";
import { TABLES } from "../../support/stores.ts";

/** How many requests get a token in one round. */
const IN_ROUND = 8;

describe.each(TABLES)("L8: renewEvery over %s", (_, make) => {
  const begin = (...[options]: [Parameters<typeof Renewing.begin>[1]?]): Promise<Renewing> =>
    Renewing.begin(make(), options);
  const due = (): Promise<Renewing> => Renewing.due(make());

  it("the first request that looks after the interval gets a next cookie, to the millisecond", async () => {
    const { time, browser, look } = await begin();
    time.pass(EVERY - 0.001);
    const early = await browser.visit(look);
    expect([early.setCookie, changesOfToken(early.events)]).toEqual([undefined, []]);
    const before = browser.jar.header;
    time.pass(0.001);
    const { setCookie, events } = await browser.visit(look);
    expect(setCookie).toMatch(/^session=[\w-]{64}; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
    expect(changesOfToken(events)).toEqual(["renew interval"]);
    expect(browser.jar.header).not.toBe(before);
  });

  it("a request that does not look, or ignores, gets no next cookie", async () => {
    const { sessions, browser } = await due();
    const idle = await browser.visit(() => undefined);
    const ignored = await browser.visit((conn) => sessions.configureSession(conn, "ignore", true));
    for (const { setCookie, events } of [idle, ignored]) {
      expect([setCookie, events]).toEqual([undefined, []]);
    }
  });

  it("a renewal keeps handle, data and messages, and the next one is due an interval after the token was presented", async () => {
    const scene = await begin();
    const { sessions, browser, time, look } = scene;
    const handles = new Set<unknown>();
    await browser.visit((conn) => sessions.of(conn).flash("note", "hello"));
    for (let n = 1; n <= 3; n++) {
      time.pass(EVERY);
      expect(changesOfToken((await browser.visit(look)).events)).toEqual(["renew interval"]);
      time.pass(5 * MINUTE);
      expect(changesOfToken((await browser.visit(look)).events)).toEqual(["retire presented"]);
      time.pass(EVERY - 0.001);
      const early = await browser.visit((conn) => handles.add(sessions.of(conn).handle));
      expect(changesOfToken(early.events)).toEqual([]);
    }
    expect(handles.size).toBe(1);
    const { result } = await browser.visit((conn) => [
      sessions.getSession(conn),
      sessions.of(conn).flash("note"),
    ]);
    expect(result).toEqual([{ user: "ann" }, "hello"]);
  });

  it("a renewal becomes part of a write that happens anyway", async () => {
    const { sessions, browser } = await due();
    const write = await browser.visit((conn) => sessions.putSession(conn, "n", 1));
    expect([commits(write.events), changesOfToken(write.events)]).toEqual([
      ["write", "renew"],
      ["renew interval"],
    ]);
    expect(write.setCookie).toBeDefined();
    const present = await browser.visit((conn) => sessions.putSession(conn, "n", 2));
    expect(changesOfToken(present.events)).toEqual(["retire presented"]);
    expect(present.setCookie).toBeUndefined();
    const { result } = await browser.visit((conn) => sessions.getSession(conn, "n"));
    expect(result).toBe(2);
  });

  it("a renewal moves the idle deadline as a touch does, and never the absolute one", async () => {
    const lifetime = { idle: 2 * HOUR, absolute: 5 * HOUR, renewEvery: HOUR };
    const { time, browser, look } = await begin({ lifetime });
    for (let half = 1; half < 10; half++) {
      time.pass(HOUR / 2);
      expect((await browser.visit(look)).result).toBe("ann");
    }
    time.pass(HOUR / 2 - 0.001);
    expect((await browser.visit(look)).result).toBe("ann");
    time.pass(0.001);
    const { result, events } = await browser.visit(look);
    expect(result).toBeUndefined();
    expect(events.map(({ name, ...rest }) => [name, "reason" in rest && rest.reason])).toEqual([
      ["expire", "absolute"],
    ]);
  });

  it("with persist, a renewal tells the browser the time that is left to the absolute deadline", async () => {
    const { time, browser, look } = await begin({ persist: true });
    expect(browser.jar.cookies[0]?.maxAge).toBe(30 * DAY);
    time.pass(12 * HOUR);
    await browser.visit(look);
    expect(browser.jar.cookies[0]?.maxAge).toBe(30 * DAY - 12 * HOUR);
  });

  it("a renewal gives the cookie the attributes that were configured for this session", async () => {
    const { time, sessions, browser, look } = await begin();
    await browser.visit((conn) => sessions.configureSession(conn, "sameSite", "strict"));
    time.pass(EVERY);
    expect((await browser.visit(look)).setCookie).toMatch(/; SameSite=Strict$/);
  });

  describe("the former token", () => {
    it("the former token has every right until the next one is presented, and one of eight in a round", async () => {
      const scene = await due();
      const { old } = await scene.rotate();
      for (let n = 1; n < GRACE; n++) {
        const { setCookie, events } = await scene.with(old, (conn) =>
          scene.sessions.putSession(conn, "n", n),
        );
        const isDue = n < IN_ROUND; // The browser has got the first one.
        expect([setCookie !== undefined, commits(events)]).toEqual([
          isDue,
          isDue ? ["write", "renew"] : ["write"],
        ]);
        scene.time.pass(1);
      }
      scene.time.pass(DAY / 2); // However long that takes.
      const { result } = await scene.with(old, (conn) => {
        const { n = 0 } = scene.sessions.getSession(conn);
        scene.sessions.putSession(conn, "n", n + 1);
        return n;
      });
      expect(result).toBe(GRACE - 1);
    });

    it("the former token has every right for the grace after that, without a cookie, and none from then on", async () => {
      const scene = await due();
      const { time, sessions, browser, look } = scene;
      const { old, next } = await scene.rotate();
      await browser.visit(look); // presents it
      time.pass(GRACE - 0.001);
      const within = await scene.with(old, (conn) => {
        sessions.putSession(conn, "n", 7);
        sessions.configureSession(conn, "path", "/app");
        return sessions.getSession(conn, "user");
      });
      expect([within.result, within.setCookie, commits(within.events)]).toEqual([
        "ann",
        undefined,
        ["write"],
      ]);
      expect((await browser.visit((conn) => sessions.getSession(conn, "n"))).result).toBe(7);

      time.pass(0.001);
      const after = await scene.with(old, look);
      expect([after.result, after.setCookie]).toEqual([undefined, undefined]);
      expect(after.events).toEqual([
        { name: "refuse", cookieName: "session", handle: expect.any(String), reason: "retired" },
      ]);
      expect(scene.cookie).toBe(next);
    });

    it("a late use of the former token, or of the one before it, is an event with the handle", async () => {
      const scene = await due();
      const { time, sessions, browser, look } = scene;
      const { old: first } = await scene.rotate();
      const { result: handle } = await browser.visit((conn) => sessions.of(conn).handle);
      time.pass(EVERY);
      const { old: second } = await scene.rotate();
      await browser.visit(look);
      time.pass(HOUR);
      const seen = [];
      for (const cookie of [second, first]) seen.push(...(await scene.with(cookie, look)).events);
      expect(seen).toEqual([
        { name: "refuse", cookieName: "session", handle, reason: "retired" },
        { name: "refuse", cookieName: "session", handle, reason: "retired" },
      ]);
    });

    it("a log-out with the former token within its grace ends the session, and the next token with it", async () => {
      const scene = await due();
      const { old, next } = await scene.rotate();
      await scene.browser.visit(scene.look);
      const out = await scene.with(old, (conn) => scene.sessions.dropSession(conn));
      expect(out.setCookie).toMatch(/^session=; Max-Age=0/);
      for (const cookie of [old, next]) {
        const { result, events } = await scene.with(cookie, scene.look);
        expect([result, refusals(events)]).toEqual([undefined, ["unknown"]]);
      }
    });

    it("the former token writes and touches nothing if its grace ends while the request runs", async () => {
      const scene = await due();
      const { time, sessions, browser, look } = scene;
      const { old } = await scene.rotate();
      await browser.visit(look);
      const slow = { write: await scene.slow(old), touch: await scene.slow(old) };
      slow.write.run((conn) => sessions.putSession(conn, "n", 666));
      slow.touch.run(look);
      time.pass(10 * MINUTE);
      for (const request of [slow.write, slow.touch]) {
        const { setCookie, events } = await request.finish();
        expect([setCookie, commits(events), stops(events)]).toEqual([undefined, [], ["retired"]]);
      }
      expect(
        (await browser.visit((conn) => sessions.getSession(conn, "n"))).result,
      ).toBeUndefined();
    });
  });

  describe("a next token that does not arrive", () => {
    it("eight requests of a round get one token each, and the next round begins after the grace", async () => {
      const scene = await due();
      const { time, look, cookie } = scene;
      const sent: unknown[] = [];
      for (let second = 0; second <= 2 * GRACE; second++) {
        const { setCookie } = await scene.with(cookie, look);
        if (setCookie) sent.push(second);
        time.pass(1);
      }
      const round = Array.from({ length: IN_ROUND }, (_each, at) => at);
      expect(sent).toEqual([...round, ...round.map((at) => GRACE + at), 2 * GRACE]);
    });

    it("a next token still opens the session for writing if another one was issued since", async () => {
      const scene = await due();
      const { time, sessions, look } = scene;
      const old = scene.cookie;
      const sent: string[] = [];
      for (let n = 0; n < 2; n++) {
        const { headers } = await scene.with(old, look);
        sent.push(headers.getSetCookie()[0]?.split(";")[0] ?? "");
        time.pass(GRACE);
      }
      const [first = "", second = ""] = sent;
      expect(first).not.toBe(second);
      const { events } = await scene.with(first, (conn) => sessions.putSession(conn, "n", 1));
      expect(changesOfToken(events)).toEqual(["retire presented"]);
      time.pass(GRACE);
      expect(refusals((await scene.with(old, look)).events)).toEqual(["retired"]);
      // The newer one is still on its way, and takes over in its turn.
      const newer = await scene.with(second, look);
      expect([newer.result, changesOfToken(newer.events)]).toEqual(["ann", ["retire presented"]]);
      time.pass(GRACE);
      expect(refusals((await scene.with(first, look)).events)).toEqual(["retired"]);
      expect((await scene.with(second, look)).result).toBe("ann");
    });

    it("the row grows no further than with four tokens", async () => {
      const scene = await due();
      const { time, sessions, look, cookie } = scene;
      const sent: string[] = [];
      for (let n = 0; n < 6; n++) {
        const { headers } = await scene.with(cookie, look);
        sent.push(headers.getSetCookie()[0]?.split(";")[0] ?? "");
        time.pass(GRACE);
      }
      const read = async (header: string): Promise<unknown> => {
        const { result } = await scene.with(header, (conn) => {
          sessions.configureSession(conn, "ignore", true);
          return sessions.getSession(conn, "user");
        });
        return result;
      };
      const opened = [];
      for (const each of sent) opened.push(await read(each));
      expect(opened).toEqual([undefined, undefined, "ann", "ann", "ann", "ann"]);
    });

    it("a client that has gone is issued no token, and its write is kept", async () => {
      const { sessions, browser, look } = await due();
      const looked = await browser.visit(look, { gone: true });
      const wrote = await browser.visit((conn) => sessions.putSession(conn, "n", 1), {
        gone: true,
      });
      for (const { setCookie, events } of [looked, wrote]) {
        expect([setCookie, changesOfToken(events)]).toEqual([undefined, []]);
      }
      const { result, events } = await browser.visit((conn) => sessions.getSession(conn, "n"));
      expect([result, changesOfToken(events)]).toEqual([1, ["renew interval"]]);
    });

    it("a next token counts as presented even if its client has gone", async () => {
      const scene = await due();
      await scene.rotate();
      const { events } = await scene.browser.visit(scene.look, { gone: true });
      expect(changesOfToken(events)).toEqual(["retire presented"]);
    });
  });

  describe("a renewal that was asked for", () => {
    it.each([
      ["the current token while a next one is pending", "old"],
      ["the next token that nobody has presented", "next"],
    ] as const)(
      "a renewal by %s retires both tokens at once, and both read what was there before",
      async (_by, by) => {
        const scene = await due();
        const { time, sessions, look } = scene;
        const pair = await scene.rotate();
        const renewed = await scene.with(pair[by], (conn) => {
          sessions.of(conn).renew().put("n", 1);
        });
        expect(changesOfToken(renewed.events)).toEqual(["renew asked"]);
        const fresh = renewed.setCookie?.split(";")[0] ?? "";
        for (const cookie of [pair.old, pair.next]) {
          const read = await scene.with(cookie, (conn) => sessions.getSession(conn));
          expect(read.result).toEqual({ user: "ann" });
          // Not a session of its own either, whose cookie would take the place of the fresh one.
          const late = await scene.with(cookie, (conn) => sessions.putSession(conn, "n", 666));
          expect([late.setCookie, stops(late.events)]).toEqual([undefined, ["retired"]]);
        }
        time.pass(GRACE);
        for (const cookie of [pair.old, pair.next]) {
          expect(refusals((await scene.with(cookie, look)).events)).toEqual(["retired"]);
        }
        const { result } = await scene.with(fresh, (conn) => sessions.getSession(conn));
        expect(result).toEqual({ user: "ann", n: 1 });
      },
    );

    it.each(["old", "next"] as const)(
      "after the next token was presented, a renewal by the %s one retires both at once",
      async (by) => {
        const scene = await due();
        const { sessions, browser, look } = scene;
        const pair = await scene.rotate();
        await browser.visit(look);
        const { setCookie } = await scene.with(pair[by], (conn) => sessions.renewSession(conn));
        expect(setCookie).toBeDefined();
        for (const cookie of [pair.old, pair.next]) {
          const late = await scene.with(cookie, (conn) => sessions.putSession(conn, "n", 666));
          expect([late.setCookie, stops(late.events)]).toEqual([undefined, ["retired"]]);
        }
      },
    );

    it("a renewal that was asked for begins the interval anew", async () => {
      const { time, sessions, browser, look } = await begin();
      time.pass(EVERY / 2);
      await browser.visit((conn) => sessions.renewSession(conn));
      time.pass(EVERY - 0.001);
      expect((await browser.visit(look)).setCookie).toBeUndefined();
      time.pass(0.001);
      expect((await browser.visit(look)).setCookie).toBeDefined();
    });
  });

  it("a change of the subject leaves neither the current nor the next token anything to read", async () => {
    const scene = await due();
    const { sessions, look } = scene;
    const { old, next } = await scene.rotate();
    const other = await scene.with(old, (conn) => sessions.putSession(conn, "user", "bob"));
    expect(changesOfToken(other.events)).toEqual(["renew subject"]);
    for (const cookie of [old, next]) {
      expect((await scene.with(cookie, look)).result).toBeUndefined();
      const out = await scene.with(cookie, (conn) => sessions.dropSession(conn));
      expect([out.setCookie, stops(out.events)]).toEqual([undefined, ["retired"]]);
    }
    const bob = await scene.with(other.setCookie?.split(";")[0] ?? "", look);
    expect(bob.result).toBe("bob");
  });

  it.each(["old", "next"] as const)(
    "a log-out by the %s token ends the session for both",
    async (by) => {
      const scene = await due();
      const pair = await scene.rotate();
      const { setCookie } = await scene.with(pair[by], (conn) => scene.sessions.dropSession(conn));
      expect(setCookie).toMatch(/^session=; Max-Age=0/);
      for (const cookie of [pair.old, pair.next]) {
        expect((await scene.with(cookie, scene.look)).result).toBeUndefined();
      }
    },
  );

  it("a revocation ends the session for the former and the next token", async () => {
    const scene = await due();
    const { old, next } = await scene.rotate();
    await scene.sessions.revoke("ann");
    for (const cookie of [old, next]) {
      expect((await scene.with(cookie, scene.look)).result).toBeUndefined();
    }
  });

  it("a clock that goes backwards signs nobody out, and all goes on when it has caught up", async () => {
    const scene = await due();
    const { time, sessions, browser, look } = scene;
    const { old } = await scene.rotate();
    time.pass(-3 * HOUR);
    const both = [await scene.with(old, look), await browser.visit(look)];
    expect(both.map(({ result, setCookie }) => [result, setCookie])).toEqual([
      ["ann", undefined],
      ["ann", undefined],
    ]);
    await browser.visit((conn) => sessions.putSession(conn, "n", 1));
    time.pass(3 * HOUR + EVERY);
    const { result, events } = await browser.visit(look);
    expect([result, changesOfToken(events)]).toEqual(["ann", ["renew interval"]]);
    const presented = await browser.visit(look);
    expect(changesOfToken(presented.events)).toEqual(["retire presented"]);
  });
});

describe("L8: the option renewEvery", () => {
  it("a cookie store refuses the option, and says which store has it", () => {
    const setUp = (): unknown =>
      createSessions({
        store: cookieStore({ secret: SECRET }),
        key: "session",
        lifetime: { renewEvery: HOUR },
      });
    expect(setUp).toThrow(expect.objectContaining({ code: "ERR_SESSION_CONFIG" }));
    expect(setUp).toThrow(/lifetime\.renewEvery needs tableStore\({ table }\)/);
  });

  it("a token that is on its way arrives after the option is taken away, and no more are issued", async () => {
    const table = createTable();
    const scene = await Renewing.due(table);
    const { old, next } = await scene.rotate();
    const later = scene.elsewhere(table, { lifetime: {} });
    expect(changesOfToken((await later.visit(next)).events)).toEqual(["retire presented"]);
    scene.time.pass(EVERY);
    expect((await later.visit(next)).setCookie).toBeUndefined();
    expect((await later.visit(old)).result).toBeUndefined();
  });
});
