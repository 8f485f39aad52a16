/** Sessions that fit only because their text has each repeated text once. */
import { describe, expect, it } from "vitest";
import { createSessions } from "../../../src/core/sessions.ts";
import type { SessionStore } from "../../../src/core/store.ts";
import { cookieStore } from "../../../src/stores/cookie/cookie-store.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { Browser } from "../../support/browser.ts";
import { clock } from "../../support/clock.ts";
import { SECRET } from "../../support/secrets.ts";
import { lasting } from "../../support/tables/lasting.ts";

interface Data {
  readonly list: readonly string[];
  readonly at: Date;
  readonly n: number;
  readonly user: string;
}

/** A text that is far longer, written out so often, than a row or a cookie may be. */
const TEXT = "x".repeat(1000);

const STORES: readonly (readonly [name: string, repeats: number, make: () => SessionStore])[] = [
  ["a table", 1500, () => tableStore({ table: createTable() })],
  ["a table with a secret", 1500, () => tableStore({ table: createTable(), secret: SECRET })],
  ["a sealed cookie", 20, () => cookieStore({ secret: SECRET })],
  [
    "a sealed cookie with revocations",
    20,
    () => cookieStore({ secret: SECRET, revocations: lasting() }),
  ],
];

describe.each(STORES)("L18: a long text that is repeated in %s", (_, repeats, make) => {
  it("what fits beside a Date fits without it, and comes back", async () => {
    const time = clock();
    const sessions = createSessions<Data>({ store: make(), key: "session", now: time.now });
    const browser = new Browser(sessions, time.now);
    await browser.visit((conn) => {
      sessions.putSession(conn, "list", Array<string>(repeats).fill(TEXT));
      sessions.putSession(conn, "at", new Date(0));
    });
    await browser.visit((conn) => sessions.deleteSession(conn, "at"));
    await browser.visit((conn) => sessions.putSession(conn, "n", 1));
    await browser.visit((conn) => sessions.renewSession(conn));
    const { result } = await browser.visit((conn) => sessions.getSession(conn));
    expect(result).toEqual({ list: Array<string>(repeats).fill(TEXT), n: 1 });
  });

  it("what is too long in any text is refused, and the session stays as it was", async () => {
    const time = clock();
    const sessions = createSessions<Data>({ store: make(), key: "session", now: time.now });
    const browser = new Browser(sessions, time.now);
    await browser.visit((conn) => sessions.putSession(conn, "n", 1));
    const distinct = Array.from({ length: repeats }, (_each, n) => `${n}${TEXT}`);
    const put = browser.visit((conn) => sessions.putSession(conn, "list", distinct));
    await expect(put).rejects.toMatchObject({
      code: expect.stringMatching(/^ERR_SESSION_(NOT_SERIALIZABLE|COOKIE_OVERFLOW)$/),
    });
    const { result } = await browser.visit((conn) => sessions.getSession(conn));
    expect(result).toEqual({ n: 1 });
  });
});

describe("L8: a renewal of a session that fills more than half a row", () => {
  it("the row has the data once, for the token before and for the one after", async () => {
    const time = clock();
    const store = tableStore({ table: createTable() });
    const sessions = createSessions<Data>({ store, key: "session", now: time.now });
    const browser = new Browser(sessions, time.now);
    const list = Array.from({ length: 600 }, (_each, n) => `${n}${TEXT}`);
    await browser.visit((conn) => sessions.putSession(conn, "list", list));
    const before = browser.jar.header ?? "";
    await browser.visit((conn) => sessions.renewSession(conn));
    for (const cookie of [before, browser.jar.header ?? ""]) {
      expect((await sessions.read({ cookie })).get("list")).toEqual(list);
    }
  });
});
