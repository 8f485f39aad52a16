import { describe, expect, it } from "vitest";
import { createSessions } from "../../../src/core/sessions.ts";
import type { Sessions } from "../../../src/core/types.ts";
import { cookieStore } from "../../../src/stores/cookie/cookie-store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { AsyncTable } from "../../support/tables/async-table.ts";
import { Browser } from "../../support/browser.ts";
import { clock } from "../../support/clock.ts";
import { refusals } from "../../support/events.ts";
import { SECRET } from "../../support/secrets.ts";
import { STORES, TABLES } from "../../support/stores.ts";
import { unhandledDuring } from "../../support/unhandled.ts";
import { visit } from "../../support/visit.ts";

async function signIn(sessions: Sessions, user: string): Promise<Browser> {
  const browser = new Browser(sessions, clock().now);
  await browser.visit((conn) => sessions.putSession(conn, "user", user));
  return browser;
}

const header = (...values: readonly (string | undefined)[]): string =>
  values.map((value) => `session=${value}`).join("; ");

describe.each(STORES)("L11: several cookies of the name, with %s", (_, make) => {
  const { now } = clock();
  const sessions = createSessions({ store: make(), key: "session", now });
  const read = async (text: string): Promise<[user: unknown, reasons: readonly string[]]> => {
    const answer = await visit(sessions, text, (conn) => sessions.getSession(conn, "user"));
    expect(answer.setCookie).toBeUndefined();
    return [answer.result, refusals(answer.events)];
  };

  it("two cookies that open different sessions are ambiguous, in both orders", async () => {
    const ann = (await signIn(sessions, "ann")).jar.value("session");
    const bob = (await signIn(sessions, "bob")).jar.value("session");
    expect(await read(header(ann, bob))).toEqual([undefined, ["ambiguous"]]);
    expect(await read(header(bob, ann))).toEqual([undefined, ["ambiguous"]]);
    expect(await read(header(ann, ann, bob))).toEqual([undefined, ["ambiguous"]]);
  });

  it("the one cookie that opens is the session, wherever it stands", async () => {
    const ann = (await signIn(sessions, "ann")).jar.value("session");
    expect(await read(header("forged", ann))).toEqual(["ann", ["malformed"]]);
    expect(await read(header(ann, ""))).toEqual(["ann", ["malformed"]]);
    expect(await read(header("", "x", "y", ann))).toEqual(["ann", Array(3).fill("malformed")]);
  });

  it("two cookies that are the same are that session", async () => {
    const ann = (await signIn(sessions, "ann")).jar.value("session");
    expect(await read(header(ann, ann, ann, ann))).toEqual(["ann", []]);
  });

  it("cookies of which none opens are an empty session and an event each", async () => {
    expect(await read(header("a", "b"))).toEqual([undefined, ["malformed", "malformed"]]);
  });

  it("more than four cookies are refused, even if each is right", async () => {
    const ann = (await signIn(sessions, "ann")).jar.value("session");
    expect(await read(header(...Array(5).fill(ann)))).toEqual([undefined, ["too-many"]]);
    expect(await read(header(...Array(1000).fill(ann)))).toEqual([undefined, ["too-many"]]);
  });

  it("a cookie does not count if its name differs in case or by a space", async () => {
    const ann = (await signIn(sessions, "ann")).jar.value("session");
    for (const other of [
      `SESSION=${ann}`,
      `=session=${ann}`,
      `\u00a0session=${ann}`,
      `"session"=${ann}`,
    ]) {
      expect(await read(other)).toEqual([undefined, []]);
    }
  });

  it("a drop ends all of their sessions, and clears even a cookie that was refused", async () => {
    const ann = (await signIn(sessions, "ann")).jar.value("session");
    const bob = (await signIn(sessions, "bob")).jar.value("session");
    const answer = await visit(sessions, header(ann, bob), (conn) => sessions.dropSession(conn));
    expect(answer.setCookie).toMatch(/^session=; Max-Age=0/);
  });
});

describe("L11: several seals of one session", () => {
  it.each([
    ["", {}],
    [", also when all have the absolute deadline", { idle: 60 * 60, absolute: 60 * 60 }],
  ])("the newest seal wins, in both orders%s", async (_, lifetime) => {
    const time = clock();
    const store = cookieStore({ secret: SECRET });
    const sessions = createSessions({ store, key: "session", now: time.now, lifetime });
    const browser = await signIn(sessions, "ann");
    const before = browser.jar.value("session");
    time.pass(60);
    await browser.visit((conn) => sessions.putSession(conn, "user", "ann the second"));
    const after = browser.jar.value("session");
    for (const text of [header(before, after), header(after, before)]) {
      const { result } = await visit(sessions, text, (conn) => sessions.getSession(conn, "user"));
      expect(result).toBe("ann the second");
    }
  });

  it("the seal that was made later wins, although the older one has the later idle deadline", async () => {
    const time = clock();
    const store = cookieStore({ secret: SECRET });
    const lifetime = { idle: 60 * 60, absolute: 24 * 60 * 60, longest: 30 * 24 * 60 * 60 };
    const sessions = createSessions({ store, key: "session", now: time.now, lifetime });
    const browser = await signIn(sessions, "ann");
    await browser.visit((conn) => {
      sessions.configureSession(conn, "lifetime", { idle: 20 * 60 * 60 });
      sessions.putSession(conn, "role", "admin");
    });
    const before = browser.jar.value("session");
    time.pass(60);
    await browser.visit((conn) => {
      sessions.configureSession(conn, "lifetime", { idle: 60 * 60 });
      sessions.putSession(conn, "role", "user");
    });
    const after = browser.jar.value("session");
    for (const text of [header(before, after), header(after, before)]) {
      const { result } = await visit(sessions, text, (conn) => sessions.getSession(conn, "role"));
      expect(result).toBe("user");
    }
  });
});

describe.each(TABLES)("L11: several tokens of one session in %s", (_, make) => {
  it("the current token wins, in both orders", async () => {
    const { now } = clock();
    const sessions = createSessions({ store: tableStore({ table: make() }), key: "session", now });
    const browser = await signIn(sessions, "ann");
    const before = browser.jar.value("session");
    await browser.visit((conn) => {
      sessions.renewSession(conn);
      sessions.putSession(conn, "user", "ann renewed");
    });
    const after = browser.jar.value("session");
    expect(after).not.toBe(before);
    for (const text of [header(before, after), header(after, before)]) {
      const answer = await visit(sessions, text, (conn) => {
        sessions.putSession(conn, "header", text);
        return sessions.getSession(conn, "user");
      });
      expect(answer.result).toBe("ann renewed");
      expect(answer.events).toMatchObject([{ name: "commit" }]);
    }
  });
});

describe("L11: a store that fails while several cookies are tried", () => {
  it("the failure is one error, and no rejection is left unhandled", async () => {
    const unhandled = await unhandledDuring(async () => {
      const table = new AsyncTable(createTable());
      const sessions = createSessions({
        store: tableStore({ table }),
        key: "session",
        now: clock().now,
      });
      for (const faults of [
        ["rejects", "throws"],
        ["throws", "rejects"],
        ["rejects", "rejects"],
      ] as const) {
        for (const fault of faults) table.breakNext("get", fault);
        const request = visit(sessions, header("A".repeat(64), "B".repeat(62) + "BA"), (conn) =>
          sessions.getSession(conn),
        );
        await expect(request).rejects.toMatchObject({ code: "ERR_SESSION_STORE" });
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    expect(unhandled).toEqual([]);
  });
});
