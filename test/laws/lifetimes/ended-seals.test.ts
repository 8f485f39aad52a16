/** A sealed session that was ended stays ended: after a longer lifetime, a restart, and a crowd of other log-outs. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSessions } from "../../../src/core/sessions.ts";
import type { Sessions } from "../../../src/core/types.ts";
import { cookieStore } from "../../../src/stores/cookie/cookie-store.ts";
import { lmdbTable } from "../../../src/tables/lmdb.ts";
import type { LmdbTable } from "../../../src/tables/lmdb.ts";
import { Browser } from "../../support/browser.ts";
import { DAY, HOUR, clock } from "../../support/clock.ts";
import { refusals } from "../../support/events.ts";
import { SECRET } from "../../support/secrets.ts";
import { visit } from "../../support/visit.ts";

describe("L7: sealed sessions whose ends are in LMDB", () => {
  const time = clock();
  let path: string;
  let table: LmdbTable;
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), "sojourn-ends-"));
    table = lmdbTable({ path });
  });
  afterEach(async () => {
    await table.close();
    rmSync(path, { recursive: true });
  });

  const deploy = (absolute: number): Sessions =>
    createSessions({
      store: cookieStore({ secret: SECRET, revocations: table }),
      key: "session",
      subject: "user",
      lifetime: { idle: 12 * HOUR, absolute },
      now: time.now,
    });

  async function logIn(sessions: Sessions, user: string): Promise<Browser> {
    const browser = new Browser(sessions, time.now);
    await browser.visit((conn) => sessions.putSession(conn, "user", user));
    return browser;
  }

  /** Logs out, and gives the last cookie, of which somebody has a copy. */
  async function logOut(browser: Browser): Promise<string> {
    const copy = browser.jar.header ?? "";
    await browser.visit((conn) => browser.sessions.dropSession(conn));
    return copy;
  }

  async function look(sessions: Sessions, copy: string): Promise<readonly string[]> {
    const { result, events } = await visit(sessions, copy, (conn) =>
      sessions.getSession(conn, "user"),
    );
    expect(result).toBeUndefined();
    return refusals(events);
  }

  it("a later deployment with a longer absolute timeout does not bring it back, although the table was swept", async () => {
    const before = deploy(DAY);
    const browser = await logIn(before, "alice");
    for (const hours of [11, 9]) {
      time.pass(hours * HOUR);
      await browser.visit((conn) => before.getSession(conn));
    }
    const copy = await logOut(browser);
    expect(await look(before, copy)).toEqual(["revoked"]);
    time.pass(5 * HOUR);
    await table.sweep?.(time.now());
    expect(await look(deploy(30 * DAY), copy)).toEqual(["expired"]);
  });

  it("a restart does not bring it back", async () => {
    const copy = await logOut(await logIn(deploy(30 * DAY), "alice"));
    await table.close();
    table = lmdbTable({ path });
    expect(await look(deploy(30 * DAY), copy)).toEqual(["revoked"]);
  });

  it("a hundred log-outs of somebody else do not bring it back", async () => {
    const sessions = deploy(30 * DAY);
    const copy = await logOut(await logIn(sessions, "alice"));
    for (let i = 0; i < 100; i++) await logOut(await logIn(sessions, "mallory"));
    expect(await look(sessions, copy)).toEqual(["revoked"]);
  });
});
