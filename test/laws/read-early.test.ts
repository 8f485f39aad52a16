import { beforeEach, describe, expect, it } from "vitest";
import { createSessions, hostSessionsOf } from "../../src/core/sessions.ts";
import { requestStateOf } from "../../src/core/request/attach.ts";
import type { Host } from "../../src/core/request/host.ts";
import type { SessionStore, SessionTable } from "../../src/core/store.ts";
import type { Sessions } from "../../src/core/types.ts";
import { cookieStore } from "../../src/stores/cookie/cookie-store.ts";
import { tableStore } from "../../src/stores/table/table-store.ts";
import { createTable } from "../../src/tables/named-tables.ts";
import { AsyncTable } from "../support/tables/async-table.ts";
import { Browser } from "../support/browser.ts";
import { DAY, clock } from "../support/clock.ts";
import { loneRequest } from "../support/lone-request.ts";
import { SECRET } from "../support/secrets.ts";
import { visit } from "../support/visit.ts";

const STORES: readonly (readonly [string, () => SessionStore])[] = [
  ["a table that answers at once", () => tableStore({ table: createTable() })],
  ["a table that answers later", () => tableStore({ table: new AsyncTable(createTable()) })],
  ["sealed cookies", () => cookieStore({ secret: SECRET })],
];
const TABLES = STORES.slice(0, 2);

interface Data {
  user?: string;
  n?: number;
}

let time = clock();
beforeEach(() => {
  time = clock();
});

/** Sessions with somebody who is signed in. */
async function signedIn(
  store: SessionStore,
): Promise<{ readonly sessions: Sessions<Data>; readonly browser: Browser }> {
  const sessions = createSessions<Data>({ store, key: "session", now: time.now });
  const browser = new Browser(sessions, time.now);
  await browser.visit((conn) => sessions.putSession(conn, "user", "ann"));
  return { sessions, browser };
}

describe("L5: the row is read when the middleware runs", () => {
  it.each(TABLES)("a late put does not outlive a log-out, with %s", async (_, store) => {
    const { sessions, browser } = await signedIn(store());
    const late = await browser.begin();
    await visit(sessions, browser.jar.header, (conn) => sessions.dropSession(conn));
    late.run((conn) => sessions.putSession(conn, "n", 1));
    const { setCookie, events } = await late.finish();
    expect(setCookie).toBeUndefined();
    expect(events).toMatchObject([{ reason: "gone" }]);
  });

  it.each(STORES)("the clock of that read judges the deadlines, with %s", async (_, store) => {
    const { sessions, browser } = await signedIn(store());
    const slow = await browser.begin();
    time.pass(DAY);
    expect(slow.run((conn) => sessions.getSession(conn, "user"))).toBe("ann");
    const next = await browser.begin();
    expect(next.run((conn) => sessions.getSession(conn, "user"))).toBeUndefined();
  });

  it.each(STORES)(
    "nothing is opened or told before the handler looks, with %s",
    async (_, store) => {
      const { sessions, browser } = await signedIn(store());
      await browser.visit((conn) => sessions.dropSession(conn));
      browser.jar.take([`session=${"A".repeat(64)}; Secure; Path=/`]);
      const request = await browser.begin();
      expect(request.events).toEqual([]);
      request.run((conn) => sessions.getSession(conn));
      expect(request.events).toMatchObject([{ name: "refuse" }]);
    },
  );

  it("the row is read once, even for a request that never looks, and never without a cookie", async () => {
    const table = new AsyncTable(createTable());
    const { sessions, browser } = await signedIn(tableStore({ table }));
    table.forget();
    await browser.visit(() => {});
    expect(table.calls).toEqual(["get"]);
    await visit(sessions, undefined, () => {});
    expect(table.calls).toEqual(["get"]);
  });

  it("a failed read is the error of the code that looks, and of no other", async () => {
    const table = new AsyncTable(createTable());
    const { sessions, browser } = await signedIn(tableStore({ table }));
    table.breakNext("get", "rejects");
    const { result } = await browser.visit(() => "a page");
    expect(result).toBe("a page");
    table.breakNext("get", "rejects");
    const looking = browser.visit((conn) => sessions.getSession(conn));
    await expect(looking).rejects.toMatchObject({ code: "ERR_SESSION_STORE" });
    table.breakNext("get", "rejects");
    const fetching = browser.visit((conn) => sessions.fetchSession(conn));
    await expect(fetching).rejects.toMatchObject({ code: "ERR_SESSION_STORE" });
  });
});

describe("L12: a first look after the head has left", () => {
  /** A request whose head has left, and what it reads. */
  async function lateLook(
    sessions: Sessions<Data>,
    cookieHeader: string,
    host: Partial<Host> = {},
  ): Promise<unknown> {
    const request = { ...loneRequest(cookieHeader), onFirstLook: () => false, ...host };
    const conn = { headers: {} };
    const { session } = hostSessionsOf(sessions).begin(request, requestStateOf(conn));
    await session.fetch();
    const user = sessions.getSession(conn, "user");
    await new Promise((resolve) => setImmediate(resolve)); // The touch, which nobody waits for.
    return user;
  }

  const deadlineIn = async (table: SessionTable, handle: string): Promise<number | undefined> =>
    (await table.get(handle))?.expiresAt;

  it.each([
    ["at once", (table: SessionTable) => table],
    ["later", (table: SessionTable) => new AsyncTable(table)],
  ])("the look touches the row of a table that answers %s", async (_, wrap) => {
    const table = createTable();
    const { sessions, browser } = await signedIn(tableStore({ table: wrap(table) }));
    const handle = (await sessions.read({ cookie: browser.jar.header })).handle ?? "";
    for (let visits = 0; visits < 4; visits++) {
      time.pass(DAY / 2);
      expect(await lateLook(sessions, browser.jar.header ?? "")).toBe("ann");
      expect(await deadlineIn(table, handle)).toBe(time.now() + DAY * 1000);
    }
  });

  it("the look is no activity of a sealed cookie, which could not be sent, nor of a request that only reads", async () => {
    const sealed = await signedIn(cookieStore({ secret: SECRET }));
    time.pass(DAY / 2);
    expect(await lateLook(sealed.sessions, sealed.browser.jar.header ?? "")).toBe("ann");
    time.pass(DAY / 2);
    expect(await lateLook(sealed.sessions, sealed.browser.jar.header ?? "")).toBeUndefined();

    const kept = await signedIn(tableStore({ table: createTable() }));
    time.pass(DAY / 2);
    const read = { isActivity: false };
    expect(await lateLook(kept.sessions, kept.browser.jar.header ?? "", read)).toBe("ann");
    time.pass(DAY / 2);
    expect(await lateLook(kept.sessions, kept.browser.jar.header ?? "", read)).toBeUndefined();
  });
});
