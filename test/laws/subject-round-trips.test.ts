/** The round trips that docs/operate/scaling.md and docs/guide/revocation.md tell of. */
import { describe, expect, it } from "vitest";
import { createSessions } from "../../src/core/sessions.ts";
import type { Sessions } from "../../src/core/types.ts";
import { cookieStore } from "../../src/stores/cookie/cookie-store.ts";
import { createTable } from "../../src/tables/named-tables.ts";
import { tableStore } from "../../src/stores/table/table-store.ts";
import { AsyncTable } from "../support/tables/async-table.ts";
import { Browser } from "../support/browser.ts";
import { MINUTE, clock } from "../support/clock.ts";
import { SECRET } from "../support/secrets.ts";

const time = clock();
const table = new AsyncTable(createTable(), undefined, "all");

async function calls(task: () => Promise<unknown>): Promise<string> {
  table.forget();
  await task();
  return table.calls.join(" ");
}

function logIn(sessions: Sessions): [Browser, () => Promise<unknown>] {
  const browser = new Browser(sessions, time.now);
  return [
    browser,
    () => browser.visit((conn) => sessions.of(conn).renew().put("user", "ann").put("n", 0)),
  ];
}

describe("L22: the calls of a table that a subject costs", () => {
  const sessions = createSessions({
    store: tableStore({ table }),
    key: "sid",
    subject: "user",
    limit: 2,
    now: time.now,
  });
  const [one, first] = logIn(sessions);
  const [two, second] = logIn(sessions);
  const [, third] = logIn(sessions);

  it("a log-in costs three calls more", async () => {
    expect(await calls(first)).toBe("get insert insert get");
    expect(await calls(second)).toBe("get replace insert get");
  });

  it("a request that reads or writes costs no call more", async () => {
    const read = (): Promise<unknown> => two.visit((conn) => sessions.getSession(conn));
    // Once in a minute, one call more: the mark of revokeBefore.
    expect(await calls(read)).toBe("get get");
    expect(await calls(read)).toBe("get");
    const put = (): Promise<unknown> => two.visit((conn) => sessions.putSession(conn, "n", 1));
    expect(await calls(put)).toBe("get replace");
  });

  it("a moved deadline costs one call more", async () => {
    time.pass(10 * MINUTE);
    await sessions.list("nobody"); // Reads the mark of revokeBefore.
    expect(await calls(() => one.visit((conn) => sessions.getSession(conn)))).toBe("get get touch");
  });

  it("list, and a log-in beyond the limit, cost one call for each listed session", async () => {
    expect(await calls(() => sessions.list("ann"))).toBe("get get get");
    const look = "get get get get"; // The list, and three sessions.
    const end = "get delete get replace"; // The oldest, and the list without it.
    expect(await calls(third)).toBe(`get replace insert get ${look} ${end}`);
  });

  it("revoke and revokeOne cost two calls for the mark, two for each session, and two for the rest", async () => {
    const handle = (await sessions.list("ann"))[0]?.handle ?? "";
    expect(await calls(() => sessions.revokeOne("ann", handle))).toBe(
      "get replace get delete get replace",
    );
    expect(await calls(() => sessions.revoke("ann"))).toBe("get replace get delete get replace");
  });

  it("a log-out costs two calls more", async () => {
    const [browser, visit] = logIn(sessions);
    await visit();
    expect(await calls(() => browser.visit((conn) => sessions.dropSession(conn)))).toBe(
      "get delete get replace",
    );
  });
});

describe("L22: the calls of a table that revocable cookies cost", () => {
  const store = cookieStore({ secret: SECRET, revocations: table });
  const sessions = createSessions({ store, key: "sealed", subject: "user", now: time.now });
  const [browser, visit] = logIn(sessions);

  it("a log-in of a new visitor costs no call", async () => {
    expect(await calls(visit)).toBe("");
  });

  it("a request with a session costs two calls, and two more if it writes", async () => {
    const read = (): Promise<unknown> => browser.visit((conn) => sessions.getSession(conn));
    // Once in a minute, one call more: the mark of revokeBefore.
    expect(await calls(read)).toBe("get get get");
    expect(await calls(read)).toBe("get get");
    const put = (): Promise<unknown> => browser.visit((conn) => sessions.putSession(conn, "n", 1));
    expect(await calls(put)).toBe("get get get get");
  });

  it("a renewal, a log-out, revoke and revokeOne cost two calls more", async () => {
    const renew = (): Promise<unknown> => browser.visit((conn) => sessions.renewSession(conn));
    expect(await calls(renew)).toBe("get get get get get insert");
    const drop = (): Promise<unknown> => browser.visit((conn) => sessions.dropSession(conn));
    expect(await calls(drop)).toBe("get get get replace");
    expect(await calls(() => sessions.revoke("ann"))).toBe("get insert");
    expect(await calls(() => sessions.revokeOne("ann", "A".repeat(22)))).toBe("get replace");
  });
});
