import { describe, expect, it } from "vitest";
import { SessionError } from "../../../src/core/errors.ts";
import { createSessions } from "../../../src/core/sessions.ts";
import type { Conn, Sessions } from "../../../src/core/types.ts";
import { cookieStore } from "../../../src/stores/cookie/cookie-store.ts";
import { Browser } from "../../support/browser.ts";
import { HOUR, clock } from "../../support/clock.ts";
import type { Clock } from "../../support/clock.ts";
import { SECRET } from "../../support/secrets.ts";
import { visit } from "../../support/visit.ts";

function scene(): { time: Clock; sessions: Sessions; browser: Browser } {
  const time = clock();
  const sessions = createSessions({
    store: cookieStore({ secret: SECRET }),
    key: "session",
    now: time.now,
  });
  return { time, sessions, browser: new Browser(sessions, time.now) };
}

/** The largest text that fits under the key "text", by trying. */
async function largest(): Promise<number> {
  const { sessions } = scene();
  let fits = 1000;
  for (let more = 2048; more >= 1; more /= 2) {
    const length = fits + more;
    const put = (conn: Conn): void => sessions.putSession(conn, "text", "x".repeat(length));
    if (
      await visit(sessions, undefined, put).then(
        () => true,
        () => false,
      )
    )
      fits = length;
  }
  return fits;
}

describe("L17: a cookie that holds the session", () => {
  it("the cookie may be 4096 bytes with its name, as browsers count, and no more", async () => {
    const { sessions } = scene();
    const fits = await largest();
    const put = (length: number) => (conn: Conn) =>
      sessions.putSession(conn, "text", "x".repeat(length));
    const { setCookie = "" } = await visit(sessions, undefined, put(fits));
    const size = (setCookie.split(";")[0] ?? "").length - 1;
    // Base64 makes four characters of three bytes, so that not every size occurs.
    expect(size).toBeLessThanOrEqual(4096);
    expect(size).toBeGreaterThan(4092);
    await expect(visit(sessions, undefined, put(fits + 1))).rejects.toMatchObject({
      code: "ERR_SESSION_COOKIE_OVERFLOW",
    });
  });

  it.each([
    ["a text", "x".repeat(5000)],
    ["a Map", new Map(Array.from({ length: 500 }, (_, n) => [n, `item ${n}`]))],
    ["a Set", new Set(Array.from({ length: 1000 }, (_, n) => n))],
    ["a Uint8Array", new Uint8Array(5000)],
    ["a bigint", 2n ** 20_000n],
  ])("the error of a cookie that %s made too large names its key", async (_, value: unknown) => {
    const { sessions, browser } = scene();
    const request = browser.visit((conn) => {
      for (const key of ["one", "two", "three"]) sessions.putSession(conn, key, "x".repeat(20));
      sessions.putSession(conn, "the large one", value);
    });
    await expect(request).rejects.toMatchObject({ code: "ERR_SESSION_COOKIE_OVERFLOW" });
    await expect(request).rejects.toThrow(/"the large one"/);
    await expect(request).rejects.not.toThrow(/xxxx|item/);
  });

  it("the error of a cookie that a message made too large says so", async () => {
    const { sessions, browser } = scene();
    const request = browser.visit((conn) => {
      sessions.putSession(conn, "small", 1);
      sessions.of(conn).flash("the large note", "x".repeat(5000));
    });
    await expect(request).rejects.toMatchObject({ code: "ERR_SESSION_COOKIE_OVERFLOW" });
    await expect(request).rejects.toThrow(/the large note/);
  });

  it("the browser keeps the cookie as it was if a write does not fit", async () => {
    const { sessions, browser } = scene();
    await browser.visit((conn) => sessions.putSession(conn, "text", "short"));
    const before = browser.jar.header;
    const put = (conn: Conn): void => sessions.putSession(conn, "text", "x".repeat(5000));
    await expect(browser.visit(put)).rejects.toBeInstanceOf(SessionError);
    expect(browser.jar.header).toBe(before);
  });

  it("a touch seals the cookie anew, in as many bytes as before", async () => {
    const { time, sessions, browser } = scene();
    const length = await largest();
    await browser.visit((conn) => sessions.putSession(conn, "text", "x".repeat(length)));
    time.pass(HOUR);
    const { setCookie, events } = await browser.visit((conn) => sessions.getSession(conn));
    expect(setCookie).toBeDefined();
    expect(events).toMatchObject([{ name: "commit", reason: "touch" }]);
  });
});
