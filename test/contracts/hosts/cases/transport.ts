import { expect, test } from "vitest";
import { selfSigned } from "../../../support/certificate.ts";
import { BEHIND_PROXY } from "../app.ts";
import type { ServeOptions } from "../app.ts";
import { PLAIN_HTTP, listenTo, open } from "../world.ts";
import type { Setting, World } from "../world.ts";

const SHOP = "shop.example";

/** L19: the Secure cookie is sent over whatever there is; over what the host believes is plain http, one event says so. */
export function transportCases(setting: Setting): void {
  const { driver } = setting;

  async function shop(serve?: ServeOptions): Promise<{
    readonly world: World;
    readonly put: (host?: string, headers?: Readonly<Record<string, string>>) => Promise<string>;
    readonly warnings: () => number;
  }> {
    const world = await open(
      setting,
      ({ sessions }) =>
        ({ conn }) => {
          sessions.updateSession(conn, "n", (n = 0) => n + 1);
          return { body: "" };
        },
      { serve },
    );
    const events = listenTo(world.key);
    return {
      world,
      put: async (host = SHOP, headers = {}) =>
        (await world.browser().get("/", { host, headers })).cookies.join(),
      warnings: () => events.filter((event) => event === PLAIN_HTTP).length,
    };
  }
  const cookieOf = (world: World): RegExp => new RegExp(`^${world.key}=[^,]*; Secure`);

  test("over plain http the Secure cookie is sent all the same, with one event, also from localhost", async () => {
    for (const host of [SHOP, "localhost:3000", "127.0.0.1"]) {
      const { world, put, warnings } = await shop();
      expect(await put(host)).toMatch(cookieOf(world));
      expect(warnings(), host).toBe(1);
      expect(await put(host)).toMatch(cookieOf(world));
      expect(await put()).toMatch(cookieOf(world));
      expect(warnings(), host).toBe(1);
    }
  });

  test("over TLS the Secure cookie is sent without an event", async () => {
    const { world, put, warnings } = await shop({ tls: selfSigned(SHOP) });
    expect(await put()).toMatch(cookieOf(world));
    expect(warnings()).toBe(0);
  });

  test("what a client says of a proxy proves nothing, so that the Secure cookie is sent with one event", async () => {
    const { world, put, warnings } = await shop();
    expect(await put(SHOP, { "X-Forwarded-Proto": "https" })).toMatch(cookieOf(world));
    expect(warnings()).toBe(1);
  });

  test.skipIf(driver.except?.[BEHIND_PROXY])(BEHIND_PROXY, async () => {
    const { world, put, warnings } = await shop({ trustProxy: true });
    expect(await put(SHOP, { "X-Forwarded-Proto": "https" })).toMatch(cookieOf(world));
    expect(warnings()).toBe(0);
    expect(await put(SHOP, { "X-Forwarded-Proto": "http" })).toMatch(cookieOf(world));
    expect(warnings()).toBe(1);
  });
}
