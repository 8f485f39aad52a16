import { describe, expect, it } from "vitest";
import { createSessions } from "../../../src/core/sessions.ts";
import type { SessionRow, SessionTable } from "../../../src/core/store.ts";
import type { Sessions } from "../../../src/core/types.ts";
import { newToken } from "../../../src/crypto/token.ts";
import { newVersion } from "../../../src/crypto/version.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { Browser } from "../../support/browser.ts";
import { clock } from "../../support/clock.ts";
import { refusals, stops } from "../../support/events.ts";

const { now } = clock();
const MEGABYTE = 2 ** 20;

/** A table that shows its rows. */
class OpenTable implements SessionTable {
  readonly immediate = true;
  readonly rows = new Map<string, SessionRow>();
  readonly #table = createTable();

  get: SessionTable["get"] = (key) => this.#table.get(key);
  insert: SessionTable["insert"] = (key, row, at) => {
    this.rows.set(key, row);
    return this.#table.insert(key, row, at);
  };
  replace: SessionTable["replace"] = (key, version, row, at) => {
    this.rows.set(key, row);
    return this.#table.replace(key, version, row, at);
  };
  touch: SessionTable["touch"] = (...args) => this.#table.touch(...args);
  delete: SessionTable["delete"] = (...args) => this.#table.delete(...args);

  /** What another version of the program, or somebody at the database, writes. */
  overwrite(change: (value: string) => string): void {
    for (const [key, row] of this.rows) {
      const other = { ...row, value: change(row.value), version: newVersion() };
      this.#table.replace(key, row.version, other, now());
      this.rows.set(key, other);
    }
  }

  current(): unknown[] {
    return [...this.rows.keys()].map((key) => this.#table.get(key));
  }
}

function scene(): { table: OpenTable; sessions: Sessions; browser: Browser } {
  const table = new OpenTable();
  const sessions = createSessions({ store: tableStore({ table }), key: "session", now });
  return { table, sessions, browser: new Browser(sessions, now) };
}

describe("L18: a row of another version", () => {
  const later = { "a later field": { deep: [1, "ä"] } };

  it("fields that this version does not know stay through its writes, renewals and touches", async () => {
    const table = new OpenTable();
    const time = clock();
    const sessions = createSessions({
      store: tableStore({ table }),
      key: "session",
      subject: "user",
      lifetime: { renewEvery: 600 },
      now: time.now,
    });
    const browser = new Browser(sessions, time.now);
    await browser.visit((conn) => sessions.putSession(conn, "user", "ann"));
    table.overwrite((value) => value.replace(/}$/, `,${JSON.stringify(later).slice(1)}`));
    const verbs: ((conn: Parameters<typeof sessions.of>[0]) => unknown)[] = [
      (conn) => sessions.putSession(conn, "n", 1),
      (conn) => sessions.renewSession(conn),
      (conn) => sessions.getSession(conn),
      (conn) => sessions.getSession(conn), // presents what renewEvery has issued
    ];
    for (const verb of verbs) {
      time.pass(700);
      await browser.visit(verb);
      const row = [...table.rows.values()].find(({ value }) => value.startsWith("2"));
      const text = JSON.parse(row?.value.slice(1) ?? "") as Record<string, unknown>;
      expect(text["a later field"]).toEqual(later["a later field"]);
    }
  });

  it("fields that this version does not know come with a log-in, and end with the subject", async () => {
    for (const [before, after, stays] of [
      [undefined, "ann", true],
      ["ann", "ann", true],
      ["ann", "bob", false],
      ["ann", undefined, false],
    ] as const) {
      const table = new OpenTable();
      const store = tableStore({ table });
      const sessions = createSessions({ store, key: "session", subject: "user", now: clock().now });
      const browser = new Browser(sessions, clock().now);
      await browser.visit((conn) => {
        sessions.putSession(conn, "n", 1);
        if (before !== undefined) sessions.putSession(conn, "user", before);
      });
      table.overwrite((value) => value.replace(/}$/, `,${JSON.stringify(later).slice(1)}`));
      await browser.visit((conn) => {
        if (after === undefined) sessions.deleteSession(conn, "user");
        else sessions.of(conn).renew().put("user", after);
      });
      const row = [...table.rows.values()].find(({ value }) => value.startsWith("2"));
      expect([before, after, row?.value.includes("a later field")]).toEqual([before, after, stays]);
    }
  });

  it("a row of format 1 is read, and written in format 2", async () => {
    const { table, sessions, browser } = scene();
    await browser.visit((conn) => sessions.putSession(conn, "user", "ann"));
    table.overwrite((value) => `1${value.slice(1).replace(/,"id":"[^"]*"/, "")}`);
    const read = await browser.visit((conn) => sessions.getSession(conn, "user"));
    expect(read.result).toBe("ann");
    await browser.visit((conn) => sessions.putSession(conn, "n", 1));
    expect([...table.rows.values()].map(({ value }) => value[0])).toEqual(["2"]);
    expect((await browser.visit((conn) => sessions.getSession(conn))).result).toEqual({
      user: "ann",
      n: 1,
    });
  });

  it("a prototype adds nothing to a row: tokens that somebody else put there open nothing", async () => {
    const { table, sessions, browser } = scene();
    await browser.visit((conn) => sessions.putSession(conn, "user", "ann"));
    const stranger = newToken("session", [...table.rows.keys()][0]);
    const gadgets: Record<string, unknown> = {
      retired: { digests: [stranger.digest], until: 1e18, full: true },
      next: { digests: [stranger.digest], issuedAt: 0 },
      sent: { domain: "evil.example" },
    };
    for (const [name, value] of Object.entries(gadgets)) {
      // oxlint-disable-next-line no-extend-native -- an attacker does so, through somebody else's code
      Object.defineProperty(Object.prototype, name, { value, configurable: true });
      try {
        const other = new Browser(sessions, now);
        other.jar.take([`session=${stranger.cookie}; Path=/`]);
        expect((await other.visit((conn) => sessions.getSession(conn))).result).toEqual({});
      } finally {
        Reflect.deleteProperty(Object.prototype, name);
      }
    }
  });
});

describe("L3: a row", () => {
  it("a row has a key of 22 base64url characters, and knows the token by its digest only", async () => {
    const { table, sessions, browser } = scene();
    await browser.visit((conn) => sessions.putSession(conn, "user", "ann"));
    await browser.visit((conn) => sessions.renewSession(conn));
    const cookie = browser.jar.value("session") ?? "";
    const token = Buffer.from(cookie, "base64url").subarray(16);
    const [[key, row] = []] = table.rows;
    expect(key).toMatch(/^[\w-]{22}$/);
    expect(cookie.startsWith(String(key).slice(0, 21))).toBe(true);
    for (const encoding of ["base64url", "base64", "hex"] as const) {
      expect(row?.value).not.toContain(token.toString(encoding).slice(0, 40));
    }
    expect(row?.value).not.toContain(cookie.slice(22));
  });

  it("a row gets another version with every write", async () => {
    const { table, sessions, browser } = scene();
    const versions = new Set<unknown>();
    for (let n = 0; n < 10; n++) {
      await browser.visit((conn) => sessions.putSession(conn, "n", n));
      for (const row of table.rows.values()) versions.add(row.version);
    }
    expect(versions.size).toBe(10);
  });

  it("a row ends at the idle deadline for the sweep, and the load judges the absolute deadline", async () => {
    const table = new OpenTable();
    const time = clock();
    const lifetime = { idle: 100, absolute: 150 };
    const store = tableStore({ table });
    const sessions = createSessions({ store, key: "session", now: time.now, lifetime });
    const browser = new Browser(sessions, time.now);
    const ends: unknown[] = [];
    for (let n = 0; n < 3; n++) {
      await browser.visit((conn) => sessions.putSession(conn, "n", n));
      for (const row of table.rows.values()) ends.push(row.expiresAt - now());
      time.pass(40);
    }
    expect(ends).toEqual([100_000, 140_000, 180_000]);
    time.pass(30); // 150 in all
    const { result } = await browser.visit((conn) => sessions.getSession(conn));
    expect(result).toEqual({});
  });

  it.each([
    ["a later format", (value: string) => `3${value.slice(1)}`],
    ["no format", (value: string) => value.slice(1)],
    ["nothing", () => ""],
    ["a text that cannot be read", () => "2{"],
    ["another shape", () => "2null"],
    ["a list", () => "2[]"],
    ["a number", () => "27"],
    ["no data", (value: string) => value.replace('"data"', '"date"')],
    ["no digest", (value: string) => value.replace('"digest"', '"digits"')],
    ["data that is no object", () => '2{"createdAt":1,"digest":"x","data":5}'],
    ["a digest that is no text", () => '2{"createdAt":1,"digest":5,"data":{}}'],
    [
      "a time that is none",
      (value: string) => value.replace(/"createdAt":\d+/, '"createdAt":"2040"'),
    ],
    ["messages that are none", (value: string) => value.replace(/}$/, ',"flash":null}')],
    ["attributes that are none", (value: string) => value.replace(/}$/, ',"sent":[]}')],
    ["a time of renewal that is none", (value: string) => value.replace(/}$/, ',"renewedAt":"x"}')],
    [
      "a next token that is none",
      (value: string) => value.replace(/}$/, ',"next":{"digest":"x"}}'),
    ],
    ["an id that is none", (value: string) => value.replace(/}$/, ',"id":null}')],
    [
      "a lifetime that is none",
      (value: string) => value.replace(/}$/, ',"lifetime":{"idle":"1"}}'),
    ],
    ["a lead of a log-in that is none", (value: string) => value.replace(/}$/, ',"ahead":{}}')],
    ["a time of log-in that is none", (value: string) => value.replace(/}$/, ',"signedInAt":{}}')],
    ["replaced versions that are none", (value: string) => value.replace(/}$/, ',"replaced":[1]}')],
    ["a retired token that is none", (value: string) => value.replace(/}$/, ',"retired":{}}')],
    ["a serializer's text that cannot be read", () => "2~[[-9]]"],
  ])("a row of %s is refused with an event, and never overwritten", async (_, change) => {
    const { table, sessions, browser } = scene();
    await browser.visit((conn) => sessions.putSession(conn, "user", "ann"));
    table.overwrite(change);
    const before = table.current();
    const { result, events } = await browser.visit((conn) => sessions.getSession(conn));
    expect([result, refusals(events).length]).toEqual([{}, 1]);
    await browser.visit((conn) => sessions.putSession(conn, "user", "other"));
    await browser.visit((conn) => sessions.dropSession(conn));
    expect(table.current()[0]).toEqual(before[0]);
  });

  it("a commit stops if another version of the program writes the row meanwhile", async () => {
    const { table, sessions, browser } = scene();
    await browser.visit((conn) => sessions.putSession(conn, "user", "ann"));
    const verbs = [await browser.begin(), await browser.begin(), await browser.begin()] as const;
    verbs[0].run((conn) => sessions.putSession(conn, "n", 1));
    verbs[1].run((conn) => sessions.renewSession(conn));
    verbs[2].run((conn) => sessions.dropSession(conn));
    table.overwrite((value) => `3${value.slice(1)}`);
    const before = table.current();
    for (const request of verbs) {
      const answer = await request.finish();
      expect([answer.setCookie, stops(answer.events)]).toEqual([undefined, ["unknown-format"]]);
    }
    expect(table.current()).toEqual(before);
  });

  it.each([
    ["ASCII", "x".repeat(MEGABYTE)],
    ["characters of several bytes", "語".repeat(MEGABYTE / 2)],
    ["characters that are escaped", "\u0001".repeat(MEGABYTE / 4)],
  ])("a row of more than 1 MB of %s is refused, and the one before stays", async (_, long) => {
    const { sessions, browser } = scene();
    await browser.visit((conn) => sessions.putSession(conn, "text", "short"));
    const request = browser.visit((conn) => sessions.putSession(conn, "text", long));
    await expect(request).rejects.toMatchObject({ code: "ERR_SESSION_NOT_SERIALIZABLE" });
    expect((await browser.visit((conn) => sessions.getSession(conn, "text"))).result).toBe("short");
  });

  it("a row of half a megabyte is kept", async () => {
    const { sessions, browser } = scene();
    const long = "x".repeat(MEGABYTE / 2);
    await browser.visit((conn) => sessions.putSession(conn, "text", long));
    expect((await browser.visit((conn) => sessions.getSession(conn, "text"))).result).toBe(long);
  });
});
