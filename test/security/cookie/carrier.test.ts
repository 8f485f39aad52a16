/** A session comes from its cookie, and from nothing else that a request may carry. */
import { expect, test } from "vitest";
import { storeKinds } from "../../contracts/hosts/stores.ts";
import { open as openHost } from "../../contracts/hosts/world.ts";
import { everyHost } from "../support/hosts.ts";
import { row } from "../support/row.ts";

row("S34", () => {
  everyHost((driver) => {
    test.each(storeKinds)(
      "with $name, an id in the URL, the body or another header opens nothing, and none is put there",
      async (stores) => {
        const world = await openHost({ driver, stores }, ({ sessions }) => ({ conn, path }) => {
          if (path === "/log-in") sessions.putSession(conn, "user", "ada");
          if (path === "/go") return { redirect: "/next" };
          return { body: String(sessions.getSession(conn, "user")) };
        });
        const browser = world.browser();
        const first = await browser.get("/log-in");
        const cookie = browser.jar.get(world.key) ?? "";
        expect(cookie.length).toBeGreaterThan(60);
        const { key } = world;
        const header = `${key}=${cookie}`;
        const asked = world.calls.load;
        for (const [path, ask] of [
          [`/?${header}`, {}],
          [`/?sid=${cookie}&session=${cookie}&token=${cookie}`, {}],
          [`/;${header}`, {}],
          [`/;jsessionid=${cookie}`, {}],
          ["/", { headers: { "X-Session": cookie } }],
          ["/", { headers: { "X-Auth-Token": cookie } }],
          ["/", { headers: { "X-Forwarded-Cookie": header } }],
          ["/", { headers: { Cookie2: header } }],
          ["/", { headers: { Authorization: `Bearer ${cookie}` } }],
          ["/", { headers: { "Set-Cookie": header } }],
          ["/", { headers: { [key]: cookie } }],
          ["/", { headers: { Referer: `http://localhost/?${header}` } }],
          ["/", { method: "POST", body: header, headers: FORM }],
          ["/", { method: "POST", body: JSON.stringify({ [key]: cookie }), headers: JSON_BODY }],
        ] as const) {
          const stranger = world.browser();
          const answer = await stranger.get(path, ask);
          expect(answer.body === "undefined" || answer.status >= 400, path).toBe(true);
          expect(answer.cookies).toEqual([]);
        }
        expect(world.calls.load).toBe(asked);
        expect((await browser.get("/")).body).toBe("ada");
        // And what is answered holds the cookie in Set-Cookie only: not in a redirect, header or body.
        const { location } = (await browser.get("/go")).headers;
        expect(location).toMatch(/\/next$/);
        const { "set-cookie": _, ...others } = first.headers;
        expect(JSON.stringify([others, first.body])).not.toContain(cookie.slice(22, 60));
      },
    );
  });
});

const FORM = { "Content-Type": "application/x-www-form-urlencoded" };
const JSON_BODY = { "Content-Type": "application/json" };
