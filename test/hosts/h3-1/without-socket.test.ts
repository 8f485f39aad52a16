/** L14: h3 1 runs without a socket in Nitro 2, Nuxt 4 and serverless presets. No head of ours can leave there. */
import { createApp, eventHandler, toWebHandler } from "h3-1";
import { describe, expect, test } from "vitest";
import { session } from "../../../src/adapters/h3.ts";
import { createSessions } from "../../../src/core/sessions.ts";
import { cookieStore } from "../../../src/stores/cookie/cookie-store.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { SECRET } from "../../support/secrets.ts";
import { AsyncTable } from "../../support/tables/async-table.ts";

const stores = [
  ["the sealed cookie", () => cookieStore({ secret: SECRET })],
  ["a table that answers at once", () => tableStore({ table: createTable() })],
  ["a table that answers later", () => tableStore({ table: new AsyncTable(createTable()) })],
] as const;

const answers = [
  ["a text", () => "hello"],
  ["a Response", () => new Response("hello")],
] as const;

describe.each(stores)("L14: h3 1 without a socket, with %s", (_store, makeStore) => {
  test.each(answers)("%s leaves whole, and a write is ERR_SESSION_COMMITTED", async (_, answer) => {
    const sessions = createSessions<{ user: string }>({ store: makeStore(), key: "sid" });
    const errors: unknown[] = [];
    const app = createApp({ onError: (error) => void errors.push(error.cause) })
      .use(session(sessions))
      .use(
        eventHandler((event) => {
          if (event.path === "/put") sessions.putSession(event, "user", "ann");
          expect(sessions.getSession(event, "user")).toBeUndefined();
          return answer();
        }),
      );
    const handle = toWebHandler(app);
    const read = await handle(new Request("http://localhost/read"));
    expect([read.status, await read.text()]).toEqual([200, "hello"]);
    const put = await handle(new Request("http://localhost/put"));
    expect([put.status, put.headers.getSetCookie()]).toEqual([500, []]);
    expect(errors).toMatchObject([{ code: "ERR_SESSION_COMMITTED" }]);
  });
});
