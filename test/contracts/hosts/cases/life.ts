import { expect, test } from "vitest";
import { open } from "../world.ts";
import type { Setting } from "../world.ts";

/** From the first value that is put to the last cookie. */
export function lifeCases(setting: Setting): void {
  const { table } = setting.stores;

  test("without a cookie nothing is read, and without a write nothing is stored", async () => {
    const world = await open(setting, ({ sessions: { getSession, deleteSession, of } }) => {
      return ({ conn }) => {
        deleteSession(conn, "text");
        return { body: `${getSession(conn, "user")} ${of(conn).handle} ${of(conn).flash("text")}` };
      };
    });
    const answer = await world.browser().get("/");
    expect(answer).toMatchObject({ status: 200, body: "undefined undefined undefined" });
    expect(answer.cookies).toEqual([]);
    expect(world.calls.all).toBe(0);
    expect(world.events).toEqual([]);
  });

  test("a log-out or a renewal without a session sends nothing", async () => {
    const world = await open(setting, ({ sessions: { dropSession, renewSession } }) => {
      return ({ conn, path }) => {
        if (path === "/drop") dropSession(conn);
        else renewSession(conn);
        return { body: "" };
      };
    });
    expect((await world.browser().get("/drop")).cookies).toEqual([]);
    expect((await world.browser().get("/renew")).cookies).toEqual([]);
    expect(world.calls.all).toBe(0);
  });

  test("a request that never looks at its session gets no header of ours and no touch", async () => {
    const world = await open(setting, ({ sessions: { putSession } }) => ({ conn, path }) => {
      if (path === "/put") putSession(conn, "n", 1);
      return { body: "static" };
    });
    const browser = world.browser();
    await browser.get("/put");
    world.pass(60 * 60 * 1000);
    const answer = await browser.get("/");
    expect(answer.body).toBe("static");
    expect(answer.cookies).toEqual([]);
    expect(answer.headers).not.toHaveProperty("cache-control");
    expect(answer.headers).not.toHaveProperty("vary");
    // L5: the middleware asks every store, so that the row is as old as the request.
    expect(world.calls).toMatchObject({ load: 1, write: 0, touch: 0 });
  });

  test("the next request reads what was put, and fetches it once however often it reads", async () => {
    const world = await open(setting, ({ sessions: { getSession, putSession, of } }) => {
      return ({ conn, path }) => {
        if (path === "/put") putSession(conn, "user", "ada");
        const all = [getSession(conn, "user"), of(conn).get("user"), getSession(conn).user];
        return { body: all.join(" ") };
      };
    });
    const browser = world.browser();
    const first = await browser.get("/put");
    expect(first.body).toBe("ada ada ada");
    expect(first.cookies).toHaveLength(1);
    expect(first.cookies[0]).toMatch(/; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
    expect(world.calls).toMatchObject({ load: 0, create: 1 });

    const second = await browser.get("/");
    expect(second.body).toBe("ada ada ada");
    expect(second.cookies).toEqual([]);
    expect(world.calls).toMatchObject({ load: 1, create: 1, write: 0, touch: 0 });
  });

  test("a put of the same value writes nothing and sends no cookie", async () => {
    const world = await open(setting, ({ sessions: { putSession } }) => ({ conn }) => {
      putSession(conn, "user", "ada");
      return { body: "" };
    });
    const browser = world.browser();
    await browser.get("/");
    expect((await browser.get("/")).cookies).toEqual([]);
    expect(world.calls).toMatchObject({ create: 1, write: 0 });
  });

  test("delete removes one key, and update changes one", async () => {
    const world = await open(setting, ({ sessions }) => ({ conn, path }) => {
      if (path === "/put") sessions.of(conn).put("user", "ada").put("n", 1);
      if (path === "/change") {
        sessions.deleteSession(conn, "user");
        sessions.updateSession(conn, "n", (n = 0) => n + 41);
      }
      return { body: JSON.stringify(sessions.getSession(conn)) };
    });
    const browser = world.browser();
    await browser.get("/put");
    expect((await browser.get("/change")).body).toBe('{"n":42}');
    expect((await browser.get("/")).body).toBe('{"n":42}');
  });

  test("a flash message shows once", async () => {
    const world = await open(setting, ({ sessions }) => ({ conn, path }) => {
      const session = sessions.of(conn);
      if (path === "/leave") session.flash("text", "saved");
      return { body: path === "/take" ? String(session.flash("text")) : "" };
    });
    const browser = world.browser();
    await browser.get("/leave");
    await browser.get("/");
    expect((await browser.get("/take")).body).toBe("saved");
    expect((await browser.get("/take")).body).toBe("undefined");
  });

  test("renew changes the cookie and keeps the data", async () => {
    const world = await open(setting, ({ sessions }) => ({ conn, path }) => {
      if (path === "/put") sessions.putSession(conn, "user", "ada");
      if (path === "/renew") sessions.renewSession(conn);
      return { body: `${sessions.getSession(conn, "user")} ${sessions.of(conn).handle}` };
    });
    const browser = world.browser();
    await browser.get("/put");
    const before = await browser.get("/");
    const old = browser.twin();
    expect((await browser.get("/renew")).cookies).toHaveLength(1);
    const after = await browser.get("/");
    expect(after.body).toMatch(/^ada \S{22}$/);
    // A row keeps its public name; a seal that replaced another has a new one.
    expect(after.body === before.body).toBe(table !== "none");
    expect(browser.jar).not.toEqual(old.jar);
    world.pass(11_000);
    expect((await old.get("/")).body === "undefined undefined").toBe(table !== "none");
  });

  test("drop clears the cookie and ends the session, and a put afterwards begins another one", async () => {
    const world = await open(setting, ({ sessions }) => ({ conn, path }) => {
      if (path === "/put") sessions.of(conn).put("user", "ada");
      if (path === "/drop") sessions.dropSession(conn);
      if (path === "/switch") sessions.of(conn).drop().put("n", 7);
      return { body: JSON.stringify(sessions.getSession(conn)) };
    });
    const browser = world.browser();
    await browser.get("/put");
    const copy = browser.twin();
    const dropped = await browser.get("/drop");
    expect(dropped.cookies).toEqual([
      `${world.key}=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; HttpOnly; Secure; SameSite=Lax`,
    ]);
    expect(browser.jar.size).toBe(0);
    // Nothing on the server could end a sealed cookie.
    expect((await copy.get("/")).body).toBe(table === "none" ? '{"user":"ada"}' : "{}");

    await browser.get("/put");
    await browser.get("/switch");
    expect((await browser.get("/")).body).toBe('{"n":7}');
  });

  test("a session stays alive while requests look at it, and ends when they do not", async () => {
    const world = await open(
      setting,
      ({ sessions }) =>
        ({ conn, path }) => {
          if (path === "/put") sessions.putSession(conn, "user", "ada");
          return { body: String(sessions.getSession(conn, "user")) };
        },
      { sessions: { lifetime: { idle: 1000, absolute: 5000 } } },
    );
    const browser = world.browser();
    await browser.get("/put");
    world.pass(900_000);
    expect((await browser.get("/")).body).toBe("ada");
    expect(world.calls.touch).toBe(1);
    world.pass(900_000);
    expect((await browser.get("/")).body).toBe("ada");
    world.pass(1_000_000);
    expect((await browser.get("/")).body).toBe("undefined");
    expect(world.events).toContain("expire idle");
  });

  test("configure changes this session's cookie, even without a put, and only once", async () => {
    const world = await open(setting, ({ sessions }) => ({ conn, path }) => {
      if (path === "/put") sessions.putSession(conn, "user", "ada");
      if (path === "/stay") sessions.configureSession(conn, "persist", true);
      return { body: "" };
    });
    const browser = world.browser();
    await browser.get("/put");
    expect((await browser.get("/stay")).cookies[0]).toMatch(
      /; Max-Age=2592000; Expires=Thu, 31 Jan 2030 00:00:00 GMT; Path=\/;/,
    );
    expect((await browser.get("/stay")).cookies).toEqual([]);
  });

  test.runIf(table !== "none")("parallel requests of one session lose no update", async () => {
    const world = await open(setting, ({ sessions }) => ({ conn, path }) => {
      if (path === "/add") sessions.updateSession(conn, "n", (n = 0) => n + 1);
      else if (path === "/put") sessions.putSession(conn, "n", 0);
      return { body: String(sessions.getSession(conn, "n")) };
    });
    const browser = world.browser();
    await browser.get("/put");
    await Promise.all(Array.from({ length: 20 }, () => browser.twin().get("/add")));
    expect((await browser.get("/")).body).toBe("20");
    expect(world.errors).toEqual([]);
  });
}
