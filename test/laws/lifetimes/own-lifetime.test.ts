/** A session may have a lifetime of its own, in every store: "remember me". */
import { describe, expect, it } from "vitest";
import { createSessions } from "../../../src/core/sessions.ts";
import type { SessionOptions } from "../../../src/core/options/session-options.ts";
import type { Conn, Sessions } from "../../../src/core/types.ts";
import { cookieStore } from "../../../src/stores/cookie/cookie-store.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { Browser } from "../../support/browser.ts";
import { DAY, HOUR, MINUTE, clock } from "../../support/clock.ts";
import { commits } from "../../support/events.ts";
import { SECRET } from "../../support/secrets.ts";
import { STORES } from "../../support/stores.ts";

const LIFETIME = { idle: HOUR, absolute: 12 * HOUR, longest: 90 * DAY };
const REMEMBERED = { idle: 30 * DAY, absolute: 90 * DAY };

function scene(store: SessionOptions["store"], options: Partial<SessionOptions> = {}) {
  const time = clock();
  const base = { store, key: "session", subject: "user", lifetime: LIFETIME, now: time.now };
  const sessions: Sessions = createSessions({ ...base, ...options });
  const browser = new Browser(sessions, time.now);
  let copy = "";
  /** Whose session the browser's cookie opens; a copy of it stays when the browser has thrown it away. */
  const user = async (whose = sessions): Promise<unknown> => {
    copy = browser.jar.header ?? copy;
    return (await whose.read({ cookie: copy })).get("user");
  };
  const remember = (conn: Conn): void => {
    sessions.putSession(conn, "user", "ann");
    sessions.configureSession(conn, "persist", true);
    sessions.configureSession(conn, "lifetime", REMEMBERED);
  };
  return { time, sessions, browser, user, remember };
}

describe.each(STORES)("L12: a lifetime of one session in %s", (_, make) => {
  it("a remembered session lives by its own idle timeout, and its neighbour by that of the options", async () => {
    const { time, sessions, browser, user, remember } = scene(make());
    await browser.visit(remember);
    const other = new Browser(sessions, time.now);
    await other.visit((conn) => sessions.putSession(conn, "user", "bob"));
    time.pass(HOUR);
    const look = (conn: Conn): unknown => sessions.getSession(conn, "user");
    expect((await other.visit(look)).result).toBeUndefined();
    time.pass(30 * DAY - HOUR - 1);
    expect(await user()).toBe("ann");
    time.pass(1);
    expect(await user()).toBeUndefined();
  });

  it("it ends at its own absolute deadline, although it is used", async () => {
    const { time, browser, sessions, user, remember } = scene(make());
    await browser.visit(remember);
    for (let day = 0; day < 89; day++) {
      time.pass(DAY);
      const seen = await browser.visit((conn) => sessions.getSession(conn, "user"));
      expect(seen.result).toBe("ann");
    }
    time.pass(DAY - 1);
    expect(await user()).toBe("ann");
    time.pass(1);
    expect(await user()).toBeUndefined();
  });

  it("a shorter one ends the session earlier than the options would", async () => {
    const { time, browser, sessions, user } = scene(make());
    await browser.visit((conn) => {
      sessions.putSession(conn, "user", "ann");
      sessions.configureSession(conn, "lifetime", { idle: 10 * MINUTE, absolute: 15 * MINUTE });
    });
    time.pass(9 * MINUTE);
    await browser.visit((conn) => sessions.putSession(conn, "page", 2));
    time.pass(6 * MINUTE - 1);
    expect(await user()).toBe("ann");
    time.pass(1);
    expect(await user()).toBeUndefined();
  });

  it("a request that only reads touches it once per tenth of its own idle timeout", async () => {
    const { time, browser, sessions } = scene(make());
    const own = { idle: 20 * MINUTE };
    await browser.visit((conn) => {
      sessions.putSession(conn, "user", "ann");
      sessions.configureSession(conn, "lifetime", own);
    });
    const look = async (): Promise<boolean> => {
      const { events } = await browser.visit((conn) => sessions.getSession(conn, "user"));
      return commits(events).includes("touch");
    };
    time.pass(2 * MINUTE - 1);
    expect(await look()).toBe(false);
    time.pass(1);
    expect(await look()).toBe(true);
  });

  it("writes and renewals by requests that do not know of it keep it", async () => {
    const { time, browser, sessions, user, remember } = scene(make());
    await browser.visit(remember);
    time.pass(13 * HOUR);
    await browser.visit((conn) => sessions.putSession(conn, "page", 1));
    await browser.visit((conn) => sessions.renewSession(conn));
    time.pass(30 * DAY - 1);
    expect(await user()).toBe("ann");
  });

  it("with persist, Max-Age is the time left to its own absolute deadline", async () => {
    const { time, browser, sessions, remember } = scene(make());
    await browser.visit(remember);
    time.pass(DAY);
    const { headers } = await browser.visit((conn) => sessions.renewSession(conn));
    expect(headers.get("set-cookie")).toContain(`Max-Age=${89 * DAY};`);
  });

  it("another lifetime later is stored without a put, and a persistent cookie gets its new end", async () => {
    const { time, browser, sessions, user, remember } = scene(make());
    await browser.visit(remember);
    time.pass(MINUTE);
    const { headers } = await browser.visit((conn) =>
      sessions.configureSession(conn, "lifetime", { idle: HOUR, absolute: 2 * HOUR }),
    );
    expect(headers.get("set-cookie")).toContain(`Max-Age=${2 * HOUR - MINUTE};`);
    time.pass(HOUR);
    expect(await user()).toBeUndefined();
  });

  it("a lifetime without anything put makes no session", async () => {
    const { browser, sessions } = scene(make());
    const { headers, events } = await browser.visit((conn) =>
      sessions.configureSession(conn, "lifetime", REMEMBERED),
    );
    expect([headers.get("set-cookie"), events.map(({ name }) => name)]).toEqual([null, []]);
  });

  it("a deployment that lets no session live so long ends it at what it allows", async () => {
    const store = make();
    const { time, browser, user, remember } = scene(store);
    await browser.visit(remember);
    const lifetime = { ...LIFETIME, longest: 10 * DAY };
    const { sessions: later } = scene(store, { lifetime, now: time.now });
    time.pass(10 * DAY - 1);
    expect(await user(later)).toBe("ann");
    time.pass(1);
    expect(await user(later)).toBeUndefined();
  });
});

describe("L12: a lifetime of one session", () => {
  const { browser, sessions } = scene(cookieStore({ secret: SECRET }));
  const configure = (value: unknown): Promise<unknown> =>
    browser.visit((conn) => sessions.configureSession(conn, "lifetime", value as { idle: 1 }));

  it.each([
    [3600, 'configure("lifetime") takes { idle, absolute } in seconds; got 3600'],
    [null, 'configure("lifetime") takes { idle, absolute } in seconds; got null'],
    [{ maxAge: 1 }, 'takes { idle, absolute } in seconds; got also "maxAge"'],
    [{ idle: "1h" }, 'lifetime.idle must be a number of seconds from 1 to 7776000, got "1h"'],
    [{ idle: Number.NaN }, "lifetime.idle must be a number of seconds from 1 to 7776000, got NaN"],
    [{ absolute: 0 }, "lifetime.absolute must be a number of seconds from 1 to 7776000, got 0"],
    [{ absolute: 90 * DAY + 1 }, "lifetime.longest (now 7776000) says how long one may live"],
    [{ idle: DAY }, "lifetime.idle (86400 seconds) would never end this session"],
    [{ idle: 3, absolute: 2 }, "its absolute timeout is 2; give a longer absolute"],
  ])("%o is a mistake of the program", async (value, message) => {
    await expect(configure(value)).rejects.toMatchObject({
      code: "ERR_SESSION_USE",
      message: expect.stringContaining(message) as string,
    });
  });

  it("without the option longest, no session lives longer than the options say", async () => {
    const { browser: ann, sessions: strict } = scene(tableStore({ table: createTable() }), {
      lifetime: { idle: HOUR, absolute: DAY },
    });
    const ask = ann.visit((conn) =>
      strict.configureSession(conn, "lifetime", { absolute: DAY + 1 }),
    );
    await expect(ask).rejects.toMatchObject({ code: "ERR_SESSION_USE" });
  });
});

describe("L12: whatever ends or lists sessions is kept as long as any session may live", () => {
  it("a list and a revocation reach a session that was given a longer lifetime after its log-in", async () => {
    const table = createTable();
    const { time, browser, sessions, user, remember } = scene(tableStore({ table }));
    await browser.visit((conn) => sessions.putSession(conn, "user", "ann"));
    await browser.visit(remember);
    for (let day = 0; day < 4; day++) {
      time.pass(20 * DAY);
      await browser.visit((conn) => sessions.putSession(conn, "page", day));
      await table.sweep?.(time.now());
      // Another log-in writes the list, and prunes it.
      await new Browser(sessions, time.now).visit((conn) =>
        sessions.putSession(conn, "user", "ann"),
      );
      expect((await sessions.list("ann")).length).toBe(2);
    }
    await sessions.revoke("ann");
    expect(await user()).toBeUndefined();
  });

  it("lastSeenAt counts back from the session's own idle timeout", async () => {
    const { time, browser, sessions, remember } = scene(tableStore({ table: createTable() }));
    await browser.visit(remember);
    const [listed] = await sessions.list("ann");
    expect(listed?.lastSeenAt).toEqual(new Date(time.now()));
  });
});
