import { describe, expect, it, vi } from "vitest";
import { createSessions } from "../../../src/core/sessions.ts";
import type { Sessions } from "../../../src/core/types.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { Browser } from "../../support/browser.ts";
import { MINUTE, clock } from "../../support/clock.ts";
import { SECRET } from "../../support/secrets.ts";

const time = clock();

describe.each([
  ["without a secret", {}],
  ["with a secret", { secret: SECRET }],
])("a row of a table store %s, after a write", (_, secret) => {
  /** Two processes on one table, and a browser that has signed in at the first. */
  async function scene(): Promise<{ sessions: Sessions; other: Sessions; browser: Browser }> {
    const table = createTable();
    const open = (): Sessions =>
      createSessions({ store: tableStore({ table, ...secret }), key: "session", now: time.now });
    const sessions = open();
    const browser = new Browser(sessions, time.now);
    await browser.visit((conn) => sessions.putSession(conn, "user", { name: "ann" }));
    await browser.visit((conn) => sessions.getSession(conn));
    return { sessions, other: open(), browser };
  }

  it("the browser's next request does not read the text that was just written", async () => {
    const { sessions, browser } = await scene();
    await browser.visit((conn) => sessions.putSession(conn, "count", 1));
    const parse = vi.spyOn(JSON, "parse");
    const { result } = await browser.visit((conn) => sessions.getSession(conn));
    expect(parse).not.toHaveBeenCalled();
    parse.mockRestore();
    expect(result).toEqual({ user: { name: "ann" }, count: 1 });
  });

  it("the next request sees what another process has written over it", async () => {
    const { sessions, other, browser } = await scene();
    await browser.visit((conn) => sessions.putSession(conn, "count", 1));
    const elsewhere = new Browser(other, time.now);
    elsewhere.jar.take([`session=${browser.jar.header?.split("=")[1] ?? ""}`]);
    await elsewhere.visit((conn) => other.putSession(conn, "count", 2));
    const { result } = await browser.visit((conn) => sessions.getSession(conn, "count"));
    expect(result).toBe(2);
  });

  it("the next request sees the end of the session by another process", async () => {
    const { sessions, other, browser } = await scene();
    await browser.visit((conn) => sessions.putSession(conn, "count", 1));
    const elsewhere = new Browser(other, time.now);
    elsewhere.jar.take([`session=${browser.jar.header?.split("=")[1] ?? ""}`]);
    await elsewhere.visit((conn) => other.dropSession(conn));
    const { result } = await browser.visit((conn) => sessions.getSession(conn));
    expect(result).toEqual({});
  });

  it("a deadline that was moved meanwhile holds", async () => {
    const { sessions, browser } = await scene();
    await browser.visit((conn) => sessions.putSession(conn, "count", 1));
    time.pass(20 * 60 * MINUTE);
    await browser.visit((conn) => sessions.getSession(conn));
    time.pass(20 * 60 * MINUTE);
    const { result } = await browser.visit((conn) => sessions.getSession(conn, "count"));
    expect(result).toBe(1);
  });

  it("what a handler does to a value that it read changes nothing for the next request", async () => {
    const { sessions, browser } = await scene();
    await browser.visit((conn) => sessions.putSession(conn, "since", new Date(0)));
    await browser.visit((conn) => (sessions.getSession(conn, "since") as Date).setTime(1));
    const { result } = await browser.visit((conn) => sessions.getSession(conn, "since"));
    expect(result).toEqual(new Date(0));
  });

  it("the cookie from before a renewal reads what it read before, and not what was written since", async () => {
    const { sessions, browser } = await scene();
    const before = browser.jar.header ?? "";
    await browser.visit((conn) => sessions.renewSession(conn));
    await browser.visit((conn) => sessions.putSession(conn, "count", 1));
    expect((await sessions.read({ cookie: before })).get("count")).toBeUndefined();
    expect((await sessions.read({ cookie: browser.jar.header ?? "" })).get("count")).toBe(1);
  });
});
