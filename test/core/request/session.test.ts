import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { requestStateOf } from "../../../src/core/request/attach.ts";
import { createSessions, hostSessionsOf } from "../../../src/core/sessions.ts";
import { Browser } from "../../support/browser.ts";
import { clock } from "../../support/clock.ts";
import { commits } from "../../support/events.ts";
import { STORES } from "../../support/stores.ts";
import { Visit } from "../../support/visit.ts";

const [, makeStore] = STORES[0] ?? expect.fail("no store");
const { now } = clock();
const sessions = createSessions({ store: makeStore(), key: "session", now });
const browserOf = (): Browser => new Browser(sessions, now);

describe("a session that was not fetched", () => {
  it.each(STORES)("the session cannot be used before fetchSession, with %s", async (_, make) => {
    const own = createSessions({ store: make(), key: "session", now });
    const browser = new Browser(own, now);
    await browser.visit((conn) => own.putSession(conn, "a", 1));
    const { result } = await browser.visit(
      async (conn) => {
        const notFetched = expect.objectContaining({ code: "ERR_SESSION_NOT_FETCHED" });
        expect(() => own.getSession(conn)).toThrow(notFetched);
        expect(() => own.putSession(conn, "a", 2)).toThrow(notFetched);
        expect(() => own.of(conn).handle).toThrow(notFetched);
        const session = await own.fetchSession(conn);
        expect(await own.fetchSession(conn)).toBe(session);
        return session.get("a");
      },
      { fetch: false },
    );
    expect(result).toBe(1);
  });

  it("the session belongs to the outermost middleware, once", async () => {
    const request = await Visit.begin(sessions, undefined);
    const session = request.run((conn) => sessions.of(conn));
    const again = hostSessionsOf(sessions).begin(request, requestStateOf(request.conn));
    expect([again.session.exposed, again.outermost]).toEqual([session, false]);
  });
});

describe("L14: a session after its commit", () => {
  it("every write is ERR_SESSION_COMMITTED, and reads go on", async () => {
    const request = await Visit.begin(sessions, undefined);
    const session = request.run((conn) => sessions.of(conn)).put("a", 1);
    await request.finish();
    const writes = [
      () => session.put("a", 2),
      () => session.delete("a"),
      () => session.update("a", () => 2),
      () => session.flash("note", "x"),
      () => session.configure("path", "/x"),
      () => session.renew(),
      () => session.drop(),
    ];
    for (const write of writes) {
      expect(write).toThrow(expect.objectContaining({ code: "ERR_SESSION_COMMITTED" }));
    }
    expect(session.get()).toEqual({ a: 1 });
    expect(session.handle).toMatch(/^[\w-]{22}$/);
  });

  it("nothing is committed a second time", async () => {
    const request = await Visit.begin(sessions, undefined);
    request.run((conn) => sessions.putSession(conn, "a", 1));
    expect((await request.finish()).setCookie).toBeDefined();
    expect((await request.finish()).setCookie).toBeUndefined();
    expect(commits(request.events)).toEqual(["create"]);
  });
});

describe("the verbs", () => {
  type Verb = "drop" | "ignore" | "renew";
  const orders: readonly (readonly [Verb[], string[]])[] = [
    [["drop", "ignore", "renew"], ["drop"]],
    [["renew", "ignore", "drop"], ["drop"]],
    [["ignore", "renew"], []],
    [["renew", "ignore"], []],
    [["renew"], ["renew"]],
  ];
  it.each(orders)(
    "the verbs %j after a put come to %j, in whatever order they are called",
    async (verbs, plans) => {
      const browser = browserOf();
      await browser.visit((conn) => sessions.putSession(conn, "a", 1));
      const { events } = await browser.visit((conn) => {
        sessions.putSession(conn, "a", 2);
        for (const verb of verbs) sessions.configureSession(conn, verb, true);
      });
      expect(commits(events)).toEqual(plans);
    },
  );

  it("verbs that are withdrawn leave nothing but the put", async () => {
    const browser = browserOf();
    await browser.visit((conn) => sessions.putSession(conn, "a", 1));
    const { events } = await browser.visit((conn) => {
      sessions.putSession(conn, "b", 2);
      for (const verb of ["drop", "ignore", "renew"] as const)
        sessions.configureSession(conn, verb, true);
      sessions.putSession(conn, "c", 3);
      for (const verb of ["renew", "ignore", "drop"] as const)
        sessions.configureSession(conn, verb, false);
      expect(sessions.getSession(conn)).toEqual({ a: 1, b: 2, c: 3 });
    });
    expect(commits(events)).toEqual(["write"]);
    expect((await browser.visit((conn) => sessions.getSession(conn))).result).toEqual({
      a: 1,
      b: 2,
      c: 3,
    });
  });

  it("ignore commits nothing, and the next request sees what was before", async () => {
    const browser = browserOf();
    await browser.visit((conn) => sessions.putSession(conn, "a", 1));
    const { setCookie } = await browser.visit((conn) => {
      sessions.putSession(conn, "a", 2);
      sessions.configureSession(conn, "path", "/x");
      sessions.configureSession(conn, "ignore", true);
    });
    expect(setCookie).toBeUndefined();
    expect((await browser.visit((conn) => sessions.getSession(conn, "a"))).result).toBe(1);
  });
});

describe("the attributes of one session's cookie", () => {
  it.each(STORES)(
    "the attributes are sent once, kept, and sent again with every cookie, in %s",
    async (_, make) => {
      const own = createSessions({ store: make(), key: "session", now });
      const browser = new Browser(own, now);
      const first = await browser.visit((conn) => {
        own.putSession(conn, "a", 1);
        own.configureSession(conn, "sameSite", "strict");
      });
      expect(first.setCookie).toContain("SameSite=Strict");
      const same = await browser.visit((conn) => own.configureSession(conn, "sameSite", "strict"));
      expect(same.setCookie).toBeUndefined();
      const other = await browser.visit((conn) => own.configureSession(conn, "persist", true));
      expect(other.setCookie).toMatch(/Max-Age=2592000;.*SameSite=Strict/);
      const renewed = await browser.visit((conn) => own.renewSession(conn));
      expect(renewed.setCookie).toMatch(/Max-Age=2592000;.*SameSite=Strict/);
    },
  );
});

describe("L21: a session in a log", () => {
  it("a log shows the session's handle and nothing else", async () => {
    const browser = browserOf();
    await browser.visit((conn) => sessions.putSession(conn, "user", "private"));
    const { result } = await browser.visit((conn) => {
      const session = sessions.of(conn).put("more", "secretive");
      return [inspect(session, { depth: 9, showHidden: true }), inspect(conn, { depth: 9 })].concat(
        JSON.stringify(session),
        String(session),
        session.handle ?? "",
      );
    });
    const text = result.join("\n");
    expect(text).not.toMatch(/private|secretive/);
    expect(text).not.toContain(browser.jar.value("session"));
    expect(result[0]).toContain(result.at(-1));
  });
});
