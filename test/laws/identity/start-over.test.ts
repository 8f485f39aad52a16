import { describe, expect, it } from "vitest";
import { createSessions } from "../../../src/core/sessions.ts";
import { lasting } from "../../support/tables/lasting.ts";
import { cookieStore } from "../../../src/stores/cookie/cookie-store.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { Browser } from "../../support/browser.ts";
import { clock } from "../../support/clock.ts";
import { SECRET } from "../../support/secrets.ts";
import { TABLES } from "../../support/stores.ts";

describe.each([
  ...TABLES.map(([name, make]) => [name, () => tableStore({ table: make() })] as const),
  [
    "the cookie store with revocations",
    () => cookieStore({ secret: SECRET, revocations: lasting() }),
  ] as const,
])("L8: a renewal by a retired token in %s, without the option subject", (_, make) => {
  it("the new session has only what its own request did, so that no copy outlives the log-out", async () => {
    const { now } = clock();
    const sessions = createSessions({ store: make(), key: "session", now });
    const alice = new Browser(sessions, now);
    await alice.visit((conn) => {
      sessions.renewSession(conn);
      sessions.putSession(conn, "user_id", "alice");
      sessions.putSession(conn, "visits", 7);
    });
    const thief = new Browser(sessions, now);
    thief.jar.take([`session=${alice.jar.value("session")}; Path=/`]);
    await alice.visit((conn) => sessions.renewSession(conn));
    await thief.visit((conn) => {
      sessions.getSession(conn, "user_id");
      sessions.renewSession(conn);
      sessions.putSession(conn, "team", "red");
      sessions.updateSession(conn, "visits", (n) => Number(n ?? 0) + 1);
    });
    await alice.visit((conn) => sessions.dropSession(conn));
    const { result } = await thief.visit((conn) => sessions.getSession(conn));
    expect(result).toEqual({ team: "red", visits: 1 });
  });
});
