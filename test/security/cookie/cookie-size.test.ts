/** A cookie that browsers would drop or cut is an error here, not a surprise there. */
import { expect, test } from "vitest";
import { createSessions } from "../../../src/core/sessions.ts";
import { cookieStore } from "../../../src/stores/cookie/cookie-store.ts";
import { SECRET } from "../../support/secrets.ts";
import { visit } from "../../support/visit.ts";
import { row } from "../support/row.ts";
import { everyStore, theSealedCookie } from "../support/stores.ts";
import { World } from "../support/world.ts";

row("S28", () => {
  theSealedCookie((open) => {
    /** What is sent when a value has so many letters. */
    const send = async (letters: number, key: string, letter = "x"): Promise<string> => {
      const world = new World(await open());
      const sessions = world.sessions({ key });
      const { setCookie = "" } = await visit(sessions, undefined, (conn) =>
        sessions.putSession(conn, "v", letter.repeat(letters)),
      );
      return setCookie.split(";")[0] ?? "";
    };
    /** The most letters that are sent. */
    const most = async (key: string, letter?: string): Promise<number> => {
      let [fits, fails] = [0, 5000];
      while (fails - fits > 1) {
        const half = (fits + fails) >> 1;
        const sent = await send(half, key, letter).then(
          () => true,
          () => false,
        );
        if (sent) fits = half;
        else fails = half;
      }
      return fits;
    };

    test.each(["sid", `__Host-${"n".repeat(200)}`])(
      "a cookie has up to 4096 bytes of name and value, and not one more, with a name of %s",
      async (key) => {
        const letters = await most(key);
        const sent = await send(letters, key);
        const bytes = Buffer.byteLength(sent) - 1; // without the "="
        expect(bytes).toBeLessThanOrEqual(4096);
        expect(bytes).toBeGreaterThan(4092); // base64url grows by one or two
        await expect(send(letters + 1, key)).rejects.toMatchObject({
          code: "ERR_SESSION_COOKIE_OVERFLOW",
        });
      },
    );

    test("the size counts bytes, and not characters", async () => {
      const [ascii, wide] = [await most("sid"), await most("sid", "€")];
      expect(wide).toBe(Math.floor(ascii / 3));
    });
  });

  const config = expect.objectContaining({ code: "ERR_SESSION_CONFIG" });
  const setUp = (options: { path?: string; domain?: string }): unknown =>
    createSessions({ store: cookieStore({ secret: SECRET }), key: "sid", ...options });

  test("an attribute of more than 1024 bytes is refused", () => {
    expect(() => setUp({ path: `/${"p".repeat(1023)}` })).not.toThrow();
    expect(() => setUp({ path: `/${"p".repeat(1024)}` })).toThrow(config);
    expect(() => setUp({ domain: "d".repeat(1025) })).toThrow(config);
  });

  everyStore((open) => {
    test("Max-Age is 400 days at most", async () => {
      const world = new World(await open());
      const DAY = 86_400;
      const lifetime = { idle: 900 * DAY, absolute: 1000 * DAY };
      const sessions = world.sessions({ persist: true, lifetime });
      const { setCookie } = await visit(sessions, undefined, (conn) =>
        sessions.putSession(conn, "user", "alice"),
      );
      expect(setCookie).toContain(`; Max-Age=${400 * DAY};`);
    });
  });
});
