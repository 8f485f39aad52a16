import { describe, expect, it } from "vitest";
import { createSessions } from "../../../src/core/sessions.ts";
import type { Lifetime, SessionOptions } from "../../../src/core/options/session-options.ts";
import type { Sessions } from "../../../src/core/types.ts";
import { cookieStore } from "../../../src/stores/cookie/cookie-store.ts";
import { Browser } from "../../support/browser.ts";
import { DAY, HOUR, MINUTE, clock } from "../../support/clock.ts";
import type { Clock } from "../../support/clock.ts";
import { commits } from "../../support/events.ts";
import { OLD_SECRET, SECRET } from "../../support/secrets.ts";
import { STORES } from "../../support/stores.ts";

interface Scene {
  readonly time: Clock;
  readonly sessions: Sessions;
  readonly browser: Browser;
  /** A request that looks at the session; gives what it saw. */
  readonly look: () => Promise<unknown>;
}

describe.each(STORES)("L12: the life of a session in %s", (_, make) => {
  async function begin(options: Partial<SessionOptions> = {}): Promise<Scene> {
    const time = clock();
    const sessions = createSessions({ store: make(), key: "session", now: time.now, ...options });
    const browser = new Browser(sessions, time.now);
    await browser.visit((conn) => sessions.putSession(conn, "user", "ann"));
    const look = async (): Promise<unknown> =>
      (await browser.visit((conn) => sessions.getSession(conn, "user"))).result;
    return { time, sessions, browser, look };
  }

  it.each([
    ["idle", { idle: HOUR }, HOUR],
    ["absolute", { absolute: HOUR }, HOUR],
    ["default idle", {}, DAY],
  ] as readonly [string, Lifetime, number][])(
    "a session ends at its %s deadline, to the millisecond",
    async (_name, lifetime, seconds) => {
      const early = await begin({ lifetime });
      early.time.pass(seconds - 0.001);
      expect(await early.look()).toBe("ann");

      const late = await begin({ lifetime });
      late.time.pass(seconds);
      const answer = await late.browser.visit((conn) => late.sessions.getSession(conn, "user"));
      expect(answer.result).toBeUndefined();
      expect(answer.events).toEqual([
        {
          name: "expire",
          cookieName: "session",
          handle: expect.stringMatching(/^[\w-]{22}$/),
          endedId: expect.stringMatching(/^[\w-]{22}$/),
          reason: lifetime.absolute ? "absolute" : "idle",
        },
      ]);
      expect(answer.setCookie).toBeUndefined();
    },
  );

  it.each([
    ["AAL1", 30 * DAY, 30 * DAY],
    ["AAL2", HOUR, DAY],
    ["AAL3", 15 * MINUTE, 12 * HOUR],
  ] as const)(
    "a session lives as long as %s of NIST SP 800-63B-4 allows",
    async (level, idle, absolute) => {
      const early = await begin({ lifetime: level });
      early.time.pass(idle - 0.001);
      expect(await early.look()).toBe("ann");
      const late = await begin({ lifetime: level });
      late.time.pass(idle);
      expect(await late.look()).toBeUndefined();

      const used = await begin({ lifetime: level });
      const end = used.time.now() + absolute * 1000;
      while (used.time.now() + idle * 500 < end) {
        used.time.pass(idle / 2);
        expect(await used.look()).toBe("ann");
      }
      used.time.pass((end - used.time.now()) / 1000);
      const { events } = await used.browser.visit((conn) => used.sessions.getSession(conn));
      expect(events).toMatchObject([{ name: "expire", reason: "absolute" }]);
    },
  );

  it("looks keep a session alive until the absolute deadline and no longer", async () => {
    const { time, look } = await begin({ lifetime: { idle: HOUR, absolute: 5 * HOUR } });
    for (let minutes = 0; minutes < 5 * 60 - 1; minutes++) {
      time.pass(MINUTE);
      expect(await look()).toBe("ann");
    }
    time.pass(MINUTE);
    expect(await look()).toBeUndefined();
  });

  it("writes and renewals do not move the absolute deadline", async () => {
    const { time, sessions, browser, look } = await begin({
      lifetime: { idle: HOUR, absolute: 2 * HOUR },
    });
    for (let n = 0; n < 3; n++) {
      time.pass(30 * MINUTE);
      await browser.visit((conn) => {
        sessions.renewSession(conn);
        sessions.putSession(conn, "n", n);
      });
    }
    time.pass(30 * MINUTE - 0.001);
    expect(await look()).toBe("ann");
    time.pass(0.001);
    expect(await look()).toBeUndefined();
  });

  it("requests that do not look do not prolong a session", async () => {
    const { time, browser, look } = await begin({ lifetime: { idle: HOUR } });
    for (let n = 0; n < 4; n++) {
      time.pass(15 * MINUTE);
      await browser.visit(() => undefined);
    }
    expect(await look()).toBeUndefined();
  });

  it.each([
    ["a tenth of the idle time", { idle: HOUR / 2 }, 3 * MINUTE],
    ["five minutes", { idle: 10 * HOUR }, 5 * MINUTE],
  ])("a session is touched at most once per %s", async (_name, lifetime, interval) => {
    const { time, sessions, browser } = await begin({ lifetime });
    const plans: string[] = [];
    const step = interval / 10;
    for (let n = 1; n <= 30; n++) {
      time.pass(step);
      const { events } = await browser.visit((conn) => sessions.getSession(conn));
      plans.push(...commits(events).map((plan) => `${plan} at ${n}`));
    }
    expect(plans).toEqual(["touch at 10", "touch at 20", "touch at 30"]);
  });

  it("a write that happens anyway is also the touch", async () => {
    const { time, sessions, browser, look } = await begin({ lifetime: { idle: HOUR } });
    time.pass(4 * MINUTE);
    await browser.visit((conn) => sessions.putSession(conn, "n", 1));
    time.pass(5 * MINUTE - 0.001);
    const early = await browser.visit((conn) => sessions.getSession(conn, "n"));
    expect(commits(early.events)).toEqual([]);
    time.pass(55 * MINUTE);
    expect(await look()).toBe("ann");
    const { time: later, sessions: others, browser: other } = await begin();
    later.pass(10 * MINUTE);
    const both = await other.visit((conn) => {
      others.getSession(conn, "user");
      others.putSession(conn, "n", 1);
    });
    expect(commits(both.events)).toEqual(["write"]);
  });

  it("a look at a time when the clock is behind does not shorten a session", async () => {
    const { time, browser, sessions, look } = await begin({ lifetime: { idle: HOUR } });
    time.pass(-30 * MINUTE);
    const { events } = await browser.visit((conn) => sessions.getSession(conn));
    expect(commits(events)).toEqual([]);
    time.pass(90 * MINUTE - 0.001);
    expect(await look()).toBe("ann");
  });

  it("a session ends between idle minus the touch interval and idle after the last look", async () => {
    const { time, look } = await begin({ lifetime: { idle: HOUR } });
    time.pass(5 * MINUTE - 0.001);
    await look(); // not touched
    time.pass(55 * MINUTE);
    expect(await look()).toBe("ann");
    const { time: later, look: lookLater } = await begin({ lifetime: { idle: HOUR } });
    later.pass(5 * MINUTE);
    await lookLater(); // touched
    later.pass(HOUR - 0.001);
    expect(await lookLater()).toBe("ann");
  });

  it("the browser learns with persist how long the session can live at most, and not without", async () => {
    const { time, sessions, browser } = await begin({
      persist: true,
      lifetime: { absolute: 2 * DAY },
    });
    expect(browser.jar.cookies[0]?.maxAge).toBe(2 * DAY);
    time.pass(HOUR);
    await browser.visit((conn) => sessions.putSession(conn, "n", 1));
    time.pass(HOUR);
    await browser.visit((conn) => sessions.renewSession(conn));
    expect(browser.jar.cookies[0]?.maxAge).toBe(2 * DAY - 2 * HOUR);
    const short = await begin();
    expect(short.browser.jar.cookies[0]?.maxAge).toBeNull();
  });

  it("the browser is told 400 days if the session may last longer", async () => {
    const { browser } = await begin({ persist: true, lifetime: { absolute: 1000 * DAY } });
    expect(browser.jar.cookies[0]?.maxAge).toBe(400 * DAY);
  });

  it("a shorter absolute lifetime in the options cuts the sessions that exist", async () => {
    const time = clock();
    const store = make();
    const options = { store, key: "session", now: time.now };
    const before = createSessions(options);
    const browser = new Browser(before, time.now);
    await browser.visit((conn) => before.putSession(conn, "user", "ann"));
    const after = createSessions({ ...options, lifetime: { absolute: HOUR } });
    const later = new Browser(after, time.now);
    later.jar.take([`session=${browser.jar.value("session")}`]);
    time.pass(HOUR - 0.001);
    expect((await later.visit((conn) => after.getSession(conn, "user"))).result).toBe("ann");
    time.pass(0.001);
    expect((await later.visit((conn) => after.getSession(conn, "user"))).result).toBeUndefined();
  });
});

describe("L12: the life of a sealed session", () => {
  it("a seal that is made anew does not move the absolute deadline", async () => {
    const time = clock();
    const lifetime = { idle: HOUR, absolute: 2 * HOUR };
    const configure = (...secret: [string, ...string[]]): Sessions =>
      createSessions({ store: cookieStore({ secret }), key: "session", now: time.now, lifetime });
    const before = configure(OLD_SECRET);
    const browser = new Browser(before, time.now);
    await browser.visit((conn) => before.putSession(conn, "user", "ann"));
    const after = configure(SECRET, OLD_SECRET);
    const later = new Browser(after, time.now);
    later.jar.take(browser.jar.cookies.map(String));
    const look = async (): Promise<unknown> =>
      (await later.visit((conn) => after.getSession(conn, "user"))).result;
    for (let n = 0; n < 3; n++) {
      time.pass(30 * MINUTE);
      expect(await look()).toBe("ann");
    }
    expect(later.jar.value("session")).not.toBe(browser.jar.value("session"));
    time.pass(30 * MINUTE - 0.001);
    expect(await look()).toBe("ann");
    time.pass(0.001);
    expect(await look()).toBeUndefined();
  });
});
