/** A clock that was wrong once does not stretch the sessions that are made after it was set right. */
import { describe, expect, it } from "vitest";
import { createSessions } from "../../../src/core/sessions.ts";
import { Browser } from "../../support/browser.ts";
import { DAY, HOUR, clock } from "../../support/clock.ts";
import { STORES } from "../../support/stores.ts";

describe.each(STORES)("L12: after the clock was ahead for one log-in, in %s", (_, make) => {
  it("a later log-in is created by the clock, and ends at its absolute deadline", async () => {
    const time = clock();
    const sessions = createSessions<{ user: string }>({
      store: make(),
      key: "session",
      subject: "user",
      lifetime: { idle: 12 * HOUR, absolute: 12 * HOUR },
      now: time.now,
    });
    const logIn = async (): Promise<Browser> => {
      const browser = new Browser(sessions, time.now);
      await browser.visit((conn) => sessions.putSession(conn, "user", "ann"));
      return browser;
    };
    time.pass(30 * DAY);
    await logIn();
    time.pass(-30 * DAY + HOUR);
    const browser = await logIn();
    const { header } = browser.jar;
    const read = async () => (await sessions.read({ cookie: header ?? "" })).get("user");
    time.pass(12 * HOUR - 1);
    expect(await read()).toBe("ann");
    time.pass(1);
    expect(await read()).toBeUndefined();
  });
});
