/** What ends with a subject beside the data: the stored record is emptied, and not only what a request sees of it. */
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { createSessions } from "../../../src/core/sessions.ts";
import type { SessionTable } from "../../../src/core/store.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { stops } from "../../support/events.ts";
import { DAY } from "../../support/clock.ts";
import { mallory } from "./mallory.ts";
import type { Data } from "./mallory.ts";
import { STORES, TABLES } from "../../support/stores.ts";
import { visit } from "../../support/visit.ts";

describe.each(STORES)("L9: the record of a subject in %s", (_, make) => {
  it("stored keys that the schema does not name end, and a carried value stays as it is stored", async () => {
    const store = make();
    const { sessions, browser, time, read } = await mallory(store, { carry: ["settings"] });
    await browser.visit((conn) => {
      sessions.putSession(conn, "settings", { theme: "dark", newer: 1 });
      sessions.putSession(conn, "newer", "mallory's address");
    });
    const older = createSessions({
      store,
      key: "session",
      subject: "user",
      carry: ["settings"],
      schema: {
        user: z.string(),
        basket: z.array(z.string()),
        settings: z.object({ theme: z.string() }),
      },
      now: time.now,
    });
    const answer = await visit(older, browser.jar.header, (conn) => {
      older.putSession(conn, "user", "alice");
      return older.getSession(conn);
    });
    browser.jar.take(answer.headers.getSetCookie());
    expect(answer.result).toEqual({ user: "alice", settings: { theme: "dark" } });
    expect(await read()).toEqual({ user: "alice", settings: { theme: "dark", newer: 1 } });
  });

  it("carry names keys of the data that migrate gives", async () => {
    const store = make();
    const { browser, time, read } = await mallory(store);
    const next = createSessions({
      store,
      key: "session",
      subject: "user",
      carry: ["lang"],
      schema: { user: z.string(), lang: z.string(), city: z.string() },
      migrate: ({ user, language }) => ({
        user: String(user),
        lang: String(language),
        city: "Rome",
      }),
      now: time.now,
    });
    const answer = await visit(next, browser.jar.header, (conn) =>
      next.putSession(conn, "user", "alice"),
    );
    browser.jar.take(answer.headers.getSetCookie());
    expect(await read()).toEqual({ user: "alice", lang: "fr" });
  });

  it("persist, sameSite and httpOnly of the former user end; path, domain and partitioned stay", async () => {
    const { sessions, browser } = await mallory(make());
    await browser.visit((conn) => {
      const session = sessions.of(conn);
      session.configure("path", "/app").configure("domain", "shop.example");
      session.configure("partitioned", true).configure("persist", true);
      session.configure("sameSite", "none").configure("httpOnly", false);
    });
    const { setCookie } = await browser.visit((conn) => sessions.putSession(conn, "user", "alice"));
    expect(setCookie?.replace(/^[^;]*; /, "")).toBe(
      "Path=/app; Domain=shop.example; HttpOnly; Secure; SameSite=Lax; Partitioned",
    );
  });

  it("what the request itself configures stays", async () => {
    const { sessions, browser } = await mallory(make());
    const { setCookie } = await browser.visit((conn) => {
      sessions.configureSession(conn, "persist", true);
      sessions.putSession(conn, "user", "alice");
    });
    expect(setCookie).toContain("Max-Age=");
    const again = await browser.visit((conn) => {
      sessions.renewSession(conn);
    });
    expect(again.setCookie).toContain("Max-Age=");
  });

  it("secure stays where the session has asked for it, and ends where it has taken it away", async () => {
    for (const [option, own] of [
      [false, true],
      [true, false],
    ] as const) {
      const { sessions, browser } = await mallory(make(), { secure: option });
      await browser.visit((conn) => sessions.configureSession(conn, "secure", own));
      const { setCookie } = await browser.visit((conn) =>
        sessions.putSession(conn, "user", "alice"),
      );
      expect(setCookie).toContain("Secure");
    }
  });
});

/** Writes a lifetime of its own into the one session of a table, as `configure` of a later version does. */
async function giveLifetime(table: SessionTable, handle: string, lifetime: object): Promise<void> {
  const row = await table.get(handle);
  if (!row) throw new Error("the session has no row");
  const text = JSON.parse(row.value.slice(1)) as object;
  const value = `2${JSON.stringify({ ...text, lifetime })}`;
  await table.replace(handle, row.version, { ...row, value, version: 7 }, 0);
}

describe.each(TABLES)("L9: the end of a subject in %s", (_, make) => {
  it("a lifetime of its own ends with the subject, and the absolute timeout counts anew", async () => {
    const table = make();
    const { sessions, browser, time } = await mallory(tableStore({ table }), {
      lifetime: { idle: 100 * DAY, absolute: 100 * DAY },
    });
    const handle = (await browser.visit((conn) => sessions.of(conn).handle)).result ?? "";
    await giveLifetime(table, handle, { absolute: 90 * DAY * 1000 });
    time.pass(60 * DAY);
    await browser.visit((conn) => sessions.putSession(conn, "user", "alice"));
    const text = JSON.parse((await table.get(handle))?.value.slice(1) ?? "") as Data;
    expect(text).not.toHaveProperty("lifetime");
    expect(text["createdAt"]).toBe(Math.floor(time.now()));
  });

  it("an idle lifetime of its own ends as well, and the absolute timeout goes on", async () => {
    const table = make();
    const { sessions, browser, time } = await mallory(tableStore({ table }));
    const handle = (await browser.visit((conn) => sessions.of(conn).handle)).result ?? "";
    const createdAt = Math.floor(time.now());
    await giveLifetime(table, handle, { idle: 1000 });
    time.pass(0.5);
    await browser.visit((conn) => sessions.deleteSession(conn, "user"));
    const text = JSON.parse((await table.get(handle))?.value.slice(1) ?? "") as Data;
    expect(text).not.toHaveProperty("lifetime");
    expect(text["createdAt"]).toBe(createdAt);
  });

  it("a log-in that meets another request empties the row as it is then, and keeps what that put into carry", async () => {
    const { sessions, browser, read } = await mallory(tableStore({ table: make() }));
    const login = await browser.begin();
    login.run((conn) => {
      sessions.updateSession(conn, "count", (n) => Number(n ?? 0) + 1);
      sessions.putSession(conn, "user", "alice");
    });
    await browser.visit((conn) => {
      sessions.putSession(conn, "count", 41);
      sessions.putSession(conn, "late", "mallory's");
      sessions.putSession(conn, "language", "it");
      sessions.of(conn).flash("note", "for mallory");
    });
    await browser.receive(login);
    expect(await read()).toEqual({ user: "alice", count: 1, language: "it" });
    const { result } = await browser.visit((conn) => sessions.of(conn).flash("note"));
    expect(result).toBeUndefined();
  });

  it("a write of the former user that comes after the log-in changes nothing", async () => {
    const { sessions, browser, read } = await mallory(tableStore({ table: make() }));
    const slow = await browser.begin();
    slow.run((conn) => sessions.putSession(conn, "language", "it"));
    await browser.visit((conn) => sessions.putSession(conn, "user", "alice"));
    expect(stops((await slow.finish()).events)).toEqual(["retired"]);
    expect(await read()).toEqual({ user: "alice", language: "fr" });
  });

  it("two log-ins of a visitor at once keep what the visitor had, each with its own user", async () => {
    const { sessions, browser, read } = await mallory(tableStore({ table: make() }));
    await browser.visit((conn) => sessions.deleteSession(conn, "user"));
    const [first, second] = [await browser.begin(), await browser.begin()];
    for (const [user, request] of [
      ["alice", first],
      ["bob", second],
    ] as const) {
      request.run((conn) => {
        sessions.renewSession(conn);
        sessions.putSession(conn, "user", user);
      });
    }
    await browser.receive(first);
    expect(await read()).toEqual({ user: "alice", language: "fr" });
    await browser.receive(second);
    expect(await read()).toEqual({ user: "bob", language: "fr" });
  });

  it("the token of the former user reads nothing of the next one, and nothing of its own any more", async () => {
    const { sessions, browser } = await mallory(tableStore({ table: make() }));
    const old = browser.jar.header;
    await browser.visit((conn) => sessions.putSession(conn, "user", "alice"));
    const { result } = await visit(sessions, old, (conn) => sessions.getSession(conn));
    expect(result).toEqual({});
  });
});
