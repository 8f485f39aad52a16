/** The middleware of Nitro 3, over h3 2. `npm run test:frameworks` builds and serves Nitro and Nuxt themselves. */
import { H3 } from "h3";
import { describe, expect, it } from "vitest";
import { session } from "../../../src/adapters/frameworks/nitro.ts";
import { createSessions, createTable, tableStore } from "../../../src/index.ts";

describe("L5: a request that an application of Nitro makes to itself", () => {
  const sessions = createSessions<{ count: number }>({
    store: tableStore({ table: createTable() }),
    key: "__Host-session",
  });

  function add(conn: { readonly req: object }, by: number): string {
    try {
      sessions.updateSession(conn, "count", (count = 0) => count + by);
      return "written";
    } catch (error) {
      return (error as { code: string }).code;
    }
  }

  /** Asks for `/`, which writes, asks itself for `/inner` with or without the visitor's cookie, and shows both. */
  async function ask(cookie: string, passesCookie = true): Promise<[string, readonly string[]]> {
    const app = new H3().use(session(sessions));
    app.get("/inner", (event) => add(event, 1));
    app.get("/", async (event) => {
      add(event, 10);
      const headers = passesCookie ? { cookie } : {};
      const inner = await app.request("https://shop.example/inner", { headers });
      expect(inner.headers.getSetCookie()).toEqual([]);
      return `${sessions.getSession(event, "count")} ${await inner.text()}`;
    });
    const answer = await app.request("https://shop.example/", { headers: { cookie } });
    return [await answer.text(), answer.headers.getSetCookie()];
  }

  it("the inner request shares the session of the outer one, also on the first visit, and there is one cookie", async () => {
    const [text, [cookie = "", ...others]] = await ask("");
    expect([text, others]).toEqual(["11 written", []]);
    expect(await ask(cookie.split(";")[0] ?? "")).toEqual(["22 written", []]);
  });

  it("an inner request without the visitor's cookie is nobody's and can only read", async () => {
    const [, [cookie = ""]] = await ask("");
    expect(await ask(cookie.split(";")[0] ?? "", false)).toEqual(["21 ERR_SESSION_COMMITTED", []]);
  });
});
