import { describe, expect, it } from "vitest";
import { createSessions } from "../../../src/core/sessions.ts";
import type { SessionOptions } from "../../../src/core/options/session-options.ts";
import type { Conn, Sessions } from "../../../src/core/types.ts";
import { lasting } from "../../support/tables/lasting.ts";
import { cookieStore } from "../../../src/stores/cookie/cookie-store.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { Browser } from "../../support/browser.ts";
import { clock } from "../../support/clock.ts";
import type { Clock } from "../../support/clock.ts";
import type { SessionEvent } from "../../support/events.ts";
import { SECRET } from "../../support/secrets.ts";
import { STORES, TABLES } from "../../support/stores.ts";
import { visit } from "../../support/visit.ts";

interface Scene {
  readonly time: Clock;
  readonly sessions: Sessions;
  readonly browser: Browser;
  /** The id that a request of the browser shows at its end, after `handler`. */
  id(handler?: (conn: Conn) => unknown): Promise<string>;
}

function begin(options: Pick<SessionOptions, "store"> & Partial<SessionOptions>): Scene {
  const time = clock();
  const sessions = createSessions({ key: "session", subject: "user", now: time.now, ...options });
  const browser = new Browser(sessions, time.now);
  const id: Scene["id"] = async (handler = () => {}) => {
    const answer = await browser.visit((conn) => {
      handler(conn);
      return sessions.of(conn).id;
    });
    return answer.result;
  };
  return { time, sessions, browser, id };
}

/** The ids that ended, as events named them. */
function ended(events: readonly SessionEvent[]): readonly (string | undefined)[] {
  return events.flatMap((event) => ("endedId" in event ? [event.endedId] : []));
}

describe.each(STORES)("L4: session.id in %s", (_, make) => {
  const open = (options: Partial<SessionOptions> = {}): Scene =>
    begin({ store: make(), ...options });

  it("the id is 128 bits, and neither the handle nor a part of the cookie", async () => {
    const { sessions, browser, id } = open();
    const mine = await id((conn) => sessions.putSession(conn, "n", 1));
    expect(mine).toMatch(/^[\w-]{22}$/);
    const { result } = await browser.visit((conn) => sessions.of(conn).handle);
    expect(mine).not.toBe(result);
    const bytes = Buffer.from(browser.jar.value("session") ?? "", "base64url");
    expect(bytes.includes(Buffer.from(mine, "base64url"))).toBe(false);
    const other = open();
    expect(await other.id((conn) => other.sessions.putSession(conn, "n", 1))).not.toBe(mine);
  });

  it("the id that a request shows where there is no session is the one that its commit stores", async () => {
    const { sessions, id } = open();
    const first = await id((conn) => sessions.putSession(conn, "n", 1));
    expect(await id()).toBe(first);
  });

  it("the id of a request without a session is one for the request, and ends with it if nothing is stored", async () => {
    const { sessions, browser, id } = open();
    const { result } = await browser.visit((conn) => [
      sessions.of(conn).id,
      sessions.of(conn).id,
      sessions.of(conn).handle,
    ]);
    expect(result[0]).toBe(result[1]);
    expect(result[2]).toBeUndefined();
    expect(await id()).not.toBe(result[0]);
  });

  it("the id stays the same through writes and touches", async () => {
    const { time, sessions, browser, id } = open();
    const first = await id((conn) => sessions.putSession(conn, "n", 1));
    expect(await id((conn) => sessions.putSession(conn, "n", 2))).toBe(first);
    expect(await id((conn) => void sessions.of(conn).flash("m", "x"))).toBe(first);
    const before = browser.jar.value("session");
    time.pass(3600);
    expect(await id()).toBe(first);
    expect(await id()).toBe(first);
    expect(before).toBeDefined();
  });

  it("the id changes with a renewal, and the request shows the new one as soon as it asks", async () => {
    const { sessions, browser, id } = open();
    const first = await id((conn) => sessions.putSession(conn, "n", 1));
    const { result } = await browser.visit((conn) => {
      const session = sessions.of(conn);
      const before = session.id;
      session.renew();
      const after = session.id;
      session.configure("renew", false);
      const withdrawn = session.id;
      session.renew();
      return { before, after, withdrawn, again: session.id };
    });
    expect([result.before, result.withdrawn]).toEqual([first, first]);
    expect(result.after).not.toBe(first);
    expect(result.again).toBe(result.after);
    expect(await id()).toBe(result.after);
  });

  it("the id changes with the subject, asked or not", async () => {
    const { sessions, id } = open();
    const ids = new Set<string>();
    for (const user of ["ann", "bob", undefined, "ann"]) {
      const during = await id((conn) =>
        user === undefined
          ? sessions.deleteSession(conn, "user")
          : sessions.putSession(conn, "user", user),
      );
      expect(await id((conn) => sessions.putSession(conn, "other", 1))).toBe(during);
      ids.add(during);
    }
    expect(ids.size).toBe(4);
  });

  it("the id comes back if the request takes the change of the subject back", async () => {
    const { sessions, id } = open();
    const first = await id((conn) => sessions.putSession(conn, "user", "ann"));
    const same = await id((conn) => {
      sessions.putSession(conn, "user", "bob");
      sessions.putSession(conn, "user", "ann");
    });
    expect(same).toBe(first);
    const ignored = await id((conn) => {
      sessions.renewSession(conn);
      sessions.configureSession(conn, "ignore", true);
    });
    expect(ignored).toBe(first);
  });

  it("the id is another one after a log-out, and for what is put after it", async () => {
    const { sessions, browser, id } = open();
    const first = await id((conn) => sessions.putSession(conn, "user", "ann"));
    const { result } = await browser.visit((conn) => {
      sessions.dropSession(conn);
      const dropped = sessions.of(conn).id;
      sessions.putSession(conn, "notice", "bye");
      return [dropped, sessions.of(conn).id];
    });
    expect(result[0]).not.toBe(first);
    expect(result[1]).toBe(result[0]);
    expect(await id()).toBe(result[0]);
  });

  it("the id opens nothing", async () => {
    const { sessions, id } = open();
    const mine = await id((conn) => sessions.putSession(conn, "user", "ann"));
    for (const cookie of [mine, mine.repeat(3).slice(0, 64), `${mine}${"A".repeat(42)}`]) {
      const { result } = await visit(sessions, `session=${cookie}`, (conn) =>
        sessions.getSession(conn),
      );
      expect(result).toEqual({});
    }
  });

  it("an event names the id that ended: at a renewal, a change of the subject and a log-out", async () => {
    const { sessions, browser, id } = open();
    const ids: string[] = [];
    const told: (string | undefined)[] = [];
    const steps: ((conn: Conn) => unknown)[] = [
      (conn) => sessions.renewSession(conn),
      (conn) => sessions.putSession(conn, "user", "bob"),
      (conn) => sessions.dropSession(conn),
    ];
    ids.push(await id((conn) => sessions.putSession(conn, "user", "ann")));
    for (const step of steps) {
      const answer = await browser.visit(step);
      told.push(...ended(answer.events));
      ids.push(await id());
    }
    expect(told).toEqual(ids.slice(0, 3));
  });

  it("an event names the id of a session whose deadline has passed", async () => {
    const { time, sessions, browser, id } = open({ lifetime: { idle: 60 } });
    const first = await id((conn) => sessions.putSession(conn, "n", 1));
    time.pass(60);
    const { events } = await browser.visit((conn) => sessions.getSession(conn));
    expect(events.find(({ name }) => name === "expire")).toMatchObject({ endedId: first });
  });
});

describe.each([
  ...TABLES.map(([name, make]) => [name, () => tableStore({ table: make() })] as const),
  [
    "the cookie store with revocations",
    () => cookieStore({ secret: SECRET, revocations: lasting() }),
  ] as const,
])("L4: session.id of a retired token in %s", (_, make) => {
  it("a retired token shows the id of its snapshot, and never the new one", async () => {
    const { time, sessions, browser, id } = begin({ store: make() });
    const first = await id((conn) => sessions.putSession(conn, "cart", 1));
    const old = browser.jar.header;
    const shown = async (): Promise<string> =>
      (await visit(sessions, old, (conn) => sessions.of(conn).id)).result;
    const second = await id((conn) => sessions.putSession(conn, "user", "ann"));
    expect(second).not.toBe(first);
    expect(await shown()).toBe(first);
    await browser.visit((conn) => sessions.putSession(conn, "cart", 2));
    expect(await shown()).toBe(first);
    time.pass(10);
    expect([first, second]).not.toContain(await shown());
  });

  it("a token that left a subject behind shows its own id, too", async () => {
    const { sessions, browser, id } = begin({ store: make() });
    const first = await id((conn) => sessions.putSession(conn, "user", "ann"));
    const old = browser.jar.header;
    const second = await id((conn) => sessions.putSession(conn, "user", "bob"));
    const { result } = await visit(sessions, old, (conn) => [
      sessions.of(conn).id,
      sessions.getSession(conn, "user"),
    ]);
    expect(result).toEqual([first, undefined]);
    expect(second).not.toBe(first);
  });

  it("the second of two log-ins at once shows the id of the session that it starts", async () => {
    const { time, sessions, browser, id } = begin({ store: make() });
    const first = await id((conn) => sessions.putSession(conn, "cart", 1));
    const clicks = [await browser.begin(), await browser.begin()];
    const shown = clicks.map((click) =>
      click.run((conn) => {
        sessions.renewSession(conn);
        sessions.putSession(conn, "user", "ann");
        return sessions.of(conn).id;
      }),
    );
    const kept: (string | undefined)[] = [];
    for (const click of clicks) {
      const { setCookie } = await click.finish();
      const reader = new Browser(sessions, time.now);
      reader.jar.take([setCookie ?? ""]);
      kept.push((await reader.visit((conn) => sessions.of(conn).id)).result);
    }
    expect(kept).toEqual(shown);
    expect(new Set([...shown, first]).size).toBe(3);
  });
});

describe.each(TABLES)("L4: session.id in the row of %s", (_, make) => {
  it("the id stays the same while renewEvery changes the token", async () => {
    const store = tableStore({ table: make() });
    const { time, sessions, browser, id } = begin({ store, lifetime: { renewEvery: 600 } });
    const first = await id((conn) => sessions.putSession(conn, "user", "ann"));
    const cookies = new Set<string | undefined>();
    for (let n = 0; n < 6; n++) {
      time.pass(400);
      const { result, events } = await browser.visit((conn) => sessions.of(conn).id);
      expect(result).toBe(first);
      expect(ended(events).filter(Boolean)).toEqual([]);
      cookies.add(browser.jar.value("session"));
    }
    expect(cookies.size).toBeGreaterThan(2);
  });

  it("an event names the id of a session that is revoked, or pushed out by newer ones", async () => {
    const table = make();
    const { time, sessions, browser, id } = begin({ store: tableStore({ table }), limit: 1 });
    const first = await id((conn) => sessions.putSession(conn, "user", "ann"));
    time.pass(1);
    const other = new Browser(sessions, time.now);
    const logIn = await other.visit((conn) => {
      sessions.putSession(conn, "user", "ann");
      return sessions.of(conn).id;
    });
    expect(ended(logIn.events)).toEqual([first]);
    const revoked = await browser.visit(() => sessions.revoke("ann"));
    expect(ended(revoked.events)).toEqual([logIn.result]);
  });

  it("the log-out by a retired token names the id that the session had by then", async () => {
    const { sessions, browser, id } = begin({ store: tableStore({ table: make() }) });
    await id((conn) => sessions.putSession(conn, "user", "ann"));
    const old = browser.jar.header;
    const second = await id((conn) => sessions.renewSession(conn));
    const { events } = await visit(sessions, old, (conn) => sessions.dropSession(conn));
    expect(ended(events)).toEqual([second]);
  });

  it("a row of before shows a hash of its handle until a request writes it", async () => {
    const table = make();
    const { sessions, browser, id } = begin({ store: tableStore({ table }), subject: undefined });
    await id((conn) => sessions.putSession(conn, "n", 1));
    const { result: handle } = await browser.visit((conn) => sessions.of(conn).handle);
    const row = await table.get(handle ?? "");
    const { id: _id, ...text } = JSON.parse(row?.value.slice(1) ?? "") as Record<string, unknown>;
    const former = {
      value: `1${JSON.stringify(text)}`,
      version: 1,
      expiresAt: row?.expiresAt ?? 0,
    };
    await table.replace(handle ?? "", row?.version ?? 0, former, 0);
    const hash = await id();
    expect(hash).toMatch(/^[\w-]{22}$/);
    expect(hash).not.toBe(handle);
    expect(await id()).toBe(hash);
    const written = await id((conn) => sessions.putSession(conn, "n", 2));
    expect(written).not.toBe(hash);
    expect(await id()).toBe(written);
    expect(await id((conn) => sessions.putSession(conn, "n", 3))).toBe(written);
  });
});
