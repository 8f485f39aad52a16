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

describe("L22: with a subject, a table is asked", () => {
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

  it("three times more at a log-in", async () => {
    expect(await calls(first)).toBe("get insert insert get");
    expect(await calls(second)).toBe("get replace insert get");
  });

  it("no oftener in a request that reads or writes", async () => {
    expect(await calls(() => two.visit((conn) => sessions.getSession(conn)))).toBe("get");
    const put = (): Promise<unknown> => two.visit((conn) => sessions.putSession(conn, "n", 1));
    expect(await calls(put)).toBe("get replace");
  });

  it("once more when a deadline is moved", async () => {
    time.pass(10 * MINUTE);
    expect(await calls(() => one.visit((conn) => sessions.getSession(conn)))).toBe("get get touch");
  });

  it("for each listed session once by list, and by a log-in beyond the limit", async () => {
    expect(await calls(() => sessions.list("ann"))).toBe("get get get");
    const look = "get get get get"; // The list, and three sessions.
    const end = "get delete get replace"; // The oldest, and the list without it.
    expect(await calls(third)).toBe(`get replace insert get ${look} ${end}`);
  });

  it("twice for the mark, twice for each session, and twice for the rest by revoke and revokeOne", async () => {
    const handle = (await sessions.list("ann"))[0]?.handle ?? "";
    expect(await calls(() => sessions.revokeOne("ann", handle))).toBe(
      "get replace get delete get replace",
    );
    expect(await calls(() => sessions.revoke("ann"))).toBe("get replace get delete get replace");
  });

  it("twice more at a log-out", async () => {
    const [browser, visit] = logIn(sessions);
    await visit();
    expect(await calls(() => browser.visit((conn) => sessions.dropSession(conn)))).toBe(
      "get delete get replace",
    );
  });
});

describe("L22: with revocable cookies, a table is asked", () => {
  const store = cookieStore({ secret: SECRET, revocations: table });
  const sessions = createSessions({ store, key: "sealed", subject: "user", now: time.now });
  const [browser, visit] = logIn(sessions);

  it("not at all by a log-in of a new visitor", async () => {
    expect(await calls(visit)).toBe("");
  });

  it("twice by each request with a session, and twice more by one that writes", async () => {
    expect(await calls(() => browser.visit((conn) => sessions.getSession(conn)))).toBe("get get");
    const put = (): Promise<unknown> => browser.visit((conn) => sessions.putSession(conn, "n", 1));
    expect(await calls(put)).toBe("get get get get");
  });

  it("twice more for a renewal, for a log-out, for revoke and for revokeOne", async () => {
    const renew = (): Promise<unknown> => browser.visit((conn) => sessions.renewSession(conn));
    expect(await calls(renew)).toBe("get get get get get insert");
    const drop = (): Promise<unknown> => browser.visit((conn) => sessions.dropSession(conn));
    expect(await calls(drop)).toBe("get get get replace");
    expect(await calls(() => sessions.revoke("ann"))).toBe("get insert");
    expect(await calls(() => sessions.revokeOne("ann", "A".repeat(22)))).toBe("get replace");
  });
});
