import { describe, expect, it } from "vitest";
import { createSessions } from "../../../src/core/sessions.ts";
import type { SessionStore } from "../../../src/core/store.ts";
import type { Conn, Sessions } from "../../../src/core/types.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { lasting } from "../../support/tables/lasting.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { cookieStore } from "../../../src/stores/cookie/cookie-store.ts";
import { Browser } from "../../support/browser.ts";
import { HOUR, clock } from "../../support/clock.ts";
import type { Clock } from "../../support/clock.ts";
import { SECRET } from "../../support/secrets.ts";
import { STORES } from "../../support/stores.ts";
import { visit } from "../../support/visit.ts";

interface Data {
  readonly user: string;
  readonly n: number;
}

interface Scene {
  readonly time: Clock;
  readonly sessions: Sessions<Data>;
  readonly browser: Browser;
  /** Seconds since the scene began, at which the session says that its user has signed in. */
  readonly at: (conn: Conn) => number | undefined;
  readonly read: () => Promise<number | undefined>;
}

function begin(
  store: SessionStore,
  { subject }: { subject?: "user" } = { subject: "user" },
): Scene {
  const time = clock();
  const start = time.now();
  const sessions = createSessions<Data>({ store, key: "session", subject, now: time.now });
  const browser = new Browser(sessions, time.now);
  const at = (conn: Conn): number | undefined => {
    const date = sessions.of(conn).signedInAt;
    return date && (date.getTime() - start) / 1000;
  };
  return { time, sessions, browser, at, read: async () => (await browser.visit(at)).result };
}

describe.each(STORES)("L12: session.signedInAt in %s", (_, make) => {
  it("nobody has signed in where there is no session, no subject, or no option that names it", async () => {
    const { sessions, browser, read } = begin(make());
    expect(await read()).toBeUndefined();
    await browser.visit((conn) => sessions.putSession(conn, "n", 1));
    expect(await read()).toBeUndefined();
    const without = begin(make(), {});
    await without.browser.visit((conn) => {
      without.sessions.renewSession(conn);
      without.sessions.putSession(conn, "user", "ann");
    });
    expect(await without.read()).toBeUndefined();
  });

  it("a log-in dates it, and reads, writes and renewals without the subject leave it", async () => {
    const { sessions, browser, time, read } = begin(make());
    await browser.visit((conn) => sessions.putSession(conn, "n", 1));
    time.pass(HOUR);
    await browser.visit((conn) => sessions.putSession(conn, "user", "ann"));
    for (const act of [
      (conn: Conn) => sessions.putSession(conn, "n", 2),
      (conn: Conn) => sessions.renewSession(conn),
      (conn: Conn) => sessions.getSession(conn),
      (conn: Conn) => sessions.putSession(conn, "user", "ann"), // without renew
    ]) {
      time.pass(HOUR);
      await browser.visit(act);
      expect(await read()).toBe(HOUR);
    }
  });

  it("a request that puts the same subject and renews dates it anew, at the moment of the put", async () => {
    const { sessions, browser, time, read } = begin(make());
    await browser.visit((conn) => sessions.putSession(conn, "user", "ann"));
    time.pass(HOUR);
    const request = await browser.begin();
    request.run((conn) => sessions.of(conn).renew().put("user", "ann"));
    time.pass(5);
    await browser.receive(request);
    expect(await read()).toBe(HOUR);
    time.pass(HOUR);
    await browser.visit((conn) => sessions.putSession(conn, "n", 2));
    expect(await read()).toBe(HOUR);
  });

  it("another subject dates it, and no subject ends it", async () => {
    const { sessions, browser, time, read } = begin(make());
    await browser.visit((conn) => sessions.putSession(conn, "user", "ann"));
    time.pass(60);
    await browser.visit((conn) => sessions.of(conn).renew().put("user", "ann"));
    time.pass(60);
    await browser.visit((conn) => sessions.putSession(conn, "user", "bob"));
    expect(await read()).toBe(120);
    await browser.visit((conn) => sessions.deleteSession(conn, "user"));
    expect(await read()).toBeUndefined();
  });

  it("the request itself shows what its commit will give", async () => {
    const { sessions, browser, time, at } = begin(make());
    await browser.visit((conn) => sessions.putSession(conn, "user", "ann"));
    time.pass(60);
    const { result } = await browser.visit((conn) => {
      const session = sessions.of(conn);
      const seen = [at(conn)];
      session.put("user", "ann");
      seen.push(at(conn));
      session.renew();
      seen.push(at(conn));
      session.configure("renew", false);
      seen.push(at(conn));
      session.put("user", "bob");
      seen.push(at(conn));
      session.delete("user");
      seen.push(at(conn));
      session.put("user", "ann").renew();
      seen.push(at(conn));
      session.configure("ignore", true);
      seen.push(at(conn));
      session.configure("ignore", false).drop();
      seen.push(at(conn));
      session.put("user", "eve");
      return [...seen, at(conn)];
    });
    expect(result).toEqual([0, 0, 60, 0, 60, undefined, 60, 0, undefined, 60]);
  });

  it("each read gives a Date of its own", async () => {
    const { sessions, browser, at } = begin(make());
    await browser.visit((conn) => sessions.putSession(conn, "user", "ann"));
    const { result } = await browser.visit((conn) => {
      sessions.of(conn).signedInAt?.setTime(0);
      return at(conn);
    });
    expect(result).toBe(0);
  });
});

const REVOCABLE: readonly (readonly [string, () => SessionStore])[] = [
  ["a table", () => tableStore({ table: createTable() })],
  [
    "sealed cookies with revocations",
    () => cookieStore({ secret: SECRET, revocations: lasting() }),
  ],
];

describe.each(REVOCABLE)("L8: a renewal with the same subject in %s", (_, make) => {
  it("the token from before shows the time from before, so that a copy does not look fresh", async () => {
    const { sessions, browser, time, at } = begin(make());
    await browser.visit((conn) => sessions.putSession(conn, "user", "ann"));
    const before = browser.jar.header;
    time.pass(HOUR);
    await browser.visit((conn) => sessions.of(conn).renew().put("user", "ann"));
    expect((await browser.visit(at)).result).toBe(HOUR);
    expect((await visit(sessions, before, at)).result).toBe(0);
  });

  it("the order of log-ins and revocations does not move with it: a revocation from between still ends the session", async () => {
    const store = make();
    const here = begin(store);
    const { sessions, browser, time } = here;
    await browser.visit((conn) => sessions.putSession(conn, "user", "ann"));
    time.pass(60);
    const late = await browser.begin();
    late.run((conn) => sessions.of(conn).renew().put("user", "ann"));
    await sessions.revoke("ann");
    const { setCookie } = await browser.receive(late);
    expect(setCookie).toBeUndefined();
    expect(await here.read()).toBeUndefined();
  });
});

describe("L12: signedInAt of listed and of older sessions", () => {
  it("a list has it beside each session, and keeps its order", async () => {
    const store = tableStore({ table: createTable() });
    const { sessions, browser, time } = begin(store);
    const start = time.now();
    await browser.visit((conn) => sessions.putSession(conn, "user", "ann"));
    time.pass(60);
    await visit(sessions, undefined, (conn) => sessions.putSession(conn, "user", "ann"));
    time.pass(60);
    await browser.visit((conn) => sessions.of(conn).renew().put("user", "ann"));
    const listed = await sessions.list("ann");
    expect(listed.map(({ signedInAt }) => (signedInAt.getTime() - start) / 1000)).toEqual([
      60, 120,
    ]);
  });

  it("sessions.read shows it, and a row that another version kept shows no time before its subject's", async () => {
    const table = createTable();
    const { sessions, browser, time } = begin(tableStore({ table }));
    await browser.visit((conn) => sessions.putSession(conn, "user", "ann"));
    time.pass(60);
    await browser.visit((conn) => sessions.of(conn).renew().put("user", "ann"));
    time.pass(60);
    await browser.visit((conn) => sessions.putSession(conn, "user", "bob"));
    const handle = (await sessions.list("bob"))[0]?.handle ?? "";
    const row = await table.get(handle);
    if (!row) throw new Error("no row");
    const text = JSON.parse(row.value.slice(1)) as Record<string, unknown>;
    expect(text).not.toHaveProperty("signedInAt");
    // A version that only keeps the field leaves the one of the subject before.
    const kept = {
      ...row,
      version: 7,
      value: `2${JSON.stringify({ ...text, signedInAt: time.now() - 60_000 })}`,
    };
    await table.replace(handle, row.version, kept, time.now());
    const session = await sessions.read({ cookie: browser.jar.header ?? "" });
    expect(session.signedInAt?.getTime()).toBe(time.now());
  });
});
