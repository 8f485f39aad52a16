import { describe, expect, test } from "vitest";
import { createSessions } from "../../../../src/core/sessions.ts";
import { freshKey, open, thrownBy } from "../world.ts";
import type { Below } from "../app.ts";
import type { Parts, Setting } from "../world.ts";

/** How an application uses the middleware: once, several times, below one another, and without fetching. */
export function middlewareCases(setting: Setting): void {
  const { driver, stores } = setting;
  const second = ({ store }: Parts) =>
    createSessions<{ level: number }>({ store, key: freshKey() });

  test("two middlewares give two sessions with two cookies", async () => {
    const world = await open(setting, (parts) => {
      const { sessions } = parts;
      const admin = second(parts);
      return {
        middleware: [{ sessions }, { sessions: admin, options: { as: "admin" } }],
        handle({ conn, path }) {
          if (path === "/put") {
            sessions.putSession(conn, "user", "ada");
            admin.putSession(conn, "level", 3);
          }
          if (path === "/drop") admin.dropSession(conn);
          return {
            body: `${sessions.getSession(conn, "user")} ${admin.getSession(conn, "level")}`,
          };
        },
      };
    });
    const browser = world.browser();
    expect((await browser.get("/put")).cookies).toHaveLength(2);
    expect((await browser.get("/")).body).toBe("ada 3");
    expect((await browser.get("/drop")).cookies).toHaveLength(1);
    expect((await browser.get("/")).body).toBe("ada undefined");
  });

  test("the same middleware twice is one session and one commit", async () => {
    const world = await open(setting, ({ sessions }) => ({
      middleware: [{ sessions }, { sessions, options: { as: "again" } }],
      handle({ conn, path }) {
        if (path === "/put") sessions.putSession(conn, "user", "ada");
        return { body: String(sessions.getSession(conn, "user")) };
      },
    }));
    const browser = world.browser();
    expect((await browser.get("/put")).cookies).toHaveLength(1);
    expect((await browser.get("/")).body).toBe("ada");
    expect(world.calls).toMatchObject({ load: 1, create: 1, write: 0 });
  });

  test("applications below a path share the session, and may have one of their own", async () => {
    const world = await open(setting, (parts) => {
      const { sessions } = parts;
      const admin = second(parts);
      const below: Below = {
        middleware: [{ sessions }, { sessions: admin, options: { as: "admin" } }],
        handle({ conn, path }) {
          if (path === "/below/put") {
            sessions.putSession(conn, "user", "ada");
            admin.putSession(conn, "level", 3);
          }
          return {
            body: `${sessions.getSession(conn, "user")} ${admin.getSession(conn, "level")}`,
          };
        },
      };
      return {
        below: { "/below": below },
        handle: ({ conn }) => ({
          body: `${sessions.getSession(conn, "user")} ${thrownBy(() => admin.getSession(conn))}`,
        }),
      };
    });
    const browser = world.browser();
    expect((await browser.get("/below/put")).cookies).toHaveLength(2);
    expect((await browser.get("/below/")).body).toBe("ada 3");
    expect((await browser.get("/")).body).toBe("ada ERR_SESSION_NOT_FETCHED");
  });

  test("with fetch: false nothing is read until fetchSession, and a helper before it is an error", async () => {
    const world = await open(setting, ({ sessions }) => ({
      middleware: [{ sessions, options: { fetch: false } }],
      async handle({ conn, path }) {
        if (path === "/static") return { body: "static" };
        const early = [
          thrownBy(() => sessions.getSession(conn)),
          thrownBy(() => sessions.putSession(conn, "n", 1)),
        ];
        const session = await sessions.fetchSession(conn);
        await sessions.fetchSession(conn);
        if (path === "/put") session.put("user", "ada");
        return { body: `${early.join(" ")} ${session.get("user")}` };
      },
    }));
    const browser = world.browser();
    const early = "ERR_SESSION_NOT_FETCHED ERR_SESSION_NOT_FETCHED";
    expect((await browser.get("/put")).body).toBe(`${early} ada`);
    expect((await browser.get("/static")).body).toBe("static");
    expect(world.calls.load).toBe(0);
    expect((await browser.get("/")).body).toBe(`${early} ada`);
    expect(world.calls.load).toBe(1);
  });

  test("a middleware that fetches does so below one that does not", async () => {
    const world = await open(setting, ({ sessions }) => ({
      middleware: [{ sessions, options: { fetch: false } }, { sessions }],
      handle({ conn, path }) {
        if (path === "/put") sessions.putSession(conn, "user", "ada");
        return { body: String(sessions.getSession(conn, "user")) };
      },
    }));
    const browser = world.browser();
    expect((await browser.get("/put")).body).toBe("ada");
    expect((await browser.get("/")).body).toBe("ada");
  });

  test("a helper without a middleware is an error, which takes the host's path", async () => {
    const world = await open(setting, ({ sessions }) => ({
      middleware: [],
      handle: ({ conn }) => ({ body: String(sessions.getSession(conn, "user")) }),
    }));
    const answer = await world.browser().get("/");
    expect(answer).toMatchObject({ status: 500, body: "ERR_SESSION_NOT_FETCHED" });
    expect(world.errors).toHaveLength(1);
  });

  describe.runIf(driver.exposes)("the request's property", () => {
    test("the property is the session, under the name of the option", async () => {
      const world = await open(setting, (parts) => {
        const admin = second(parts);
        return {
          middleware: [{ sessions: parts.sessions }, { sessions: admin, options: { as: "admin" } }],
          handle: ({ conn, exposed }) => ({
            body: String([
              exposed("session") === parts.sessions.of(conn),
              exposed("admin") === admin.of(conn),
            ]),
          }),
        };
      });
      expect((await world.browser().get("/")).body).toBe("true,true");
    });

    test("the middleware refuses a property that is taken", async () => {
      const world = await open(setting, (parts) => ({
        middleware: [{ sessions: parts.sessions }, { sessions: second(parts) }],
        handle: () => ({ body: "not reached" }),
      }));
      const answer = await world.browser().get("/");
      expect(answer).toMatchObject({ status: 500, body: "ERR_SESSION_CONFIG" });
    });

    test("the property throws if it is used as other libraries' sessions are", async () => {
      const world = await open(setting, () => ({ exposed }) => {
        const session = exposed("session") as Record<string, unknown>;
        return { body: thrownBy(() => (session["user_id"] = "ada")) };
      });
      expect((await world.browser().get("/")).body).toBe("ERR_SESSION_USE");
      expect(world.calls.all).toBe(0);
    });
  });

  const outages = { none: [], "at once": ["failing"], later: ["failing", "hanging"] } as const;

  describe.each(outages[stores.table])("when reads of the table are %s", (outage) => {
    const timeout = outage === "hanging" ? 0.25 : 10;

    test("the error takes the host's path, because an outage is no log-out", async () => {
      const world = await open(
        setting,
        ({ sessions }) =>
          ({ conn, path }) => {
            if (path === "/put") sessions.putSession(conn, "user", "ada");
            return { body: String(sessions.getSession(conn, "user")) };
          },
        { timeout },
      );
      const browser = world.browser();
      await browser.get("/put");
      if (world.table) world.table.reads = outage;
      const answer = await browser.get("/");
      expect(answer).toMatchObject({ status: 500, body: "ERR_SESSION_STORE", cookies: [] });
      expect(world.errors).toHaveLength(1);
      if (world.table) world.table.reads = "answered";
      expect((await browser.get("/")).body).toBe("ada");
    });

    test('with onStoreError: "anonymous" the page is shown, and writes throw', async () => {
      const world = await open(
        setting,
        ({ sessions }) => ({
          middleware: [{ sessions, options: { onStoreError: "anonymous" } }],
          handle({ conn, path }) {
            const session = sessions.of(conn);
            if (path === "/put") return { body: thrownBy(() => session.put("user", "ada")) };
            return { body: `${session.available} ${session.get("user")}` };
          },
        }),
        { timeout },
      );
      const browser = world.browser();
      await browser.get("/put");
      if (world.table) world.table.reads = outage;
      expect(await browser.get("/")).toMatchObject({ body: "false undefined", cookies: [] });
      expect(await browser.get("/put")).toMatchObject({ body: "ERR_SESSION_STORE", cookies: [] });
      expect(world.errors).toEqual([]);
      if (world.table) world.table.reads = "answered";
      expect((await browser.get("/")).body).toBe("true ada");
    });
  });
}
