/** L9 through whole requests: what a change of the subject leaves in the store and with the browser. */
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { createSessions } from "../../../src/core/sessions.ts";
import type { SessionOptions } from "../../../src/core/options/session-options.ts";
import type { SessionStore } from "../../../src/core/store.ts";
import type { Sessions } from "../../../src/core/types.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { Browser } from "../../support/browser.ts";
import { clock } from "../../support/clock.ts";
import { STORES, TABLES } from "../../support/stores.ts";
import { visit } from "../../support/visit.ts";

interface Scene {
  /** The same application in another version, over the same store. */
  readonly deploy: (options: Partial<SessionOptions>) => Sessions;
  readonly sessions: Sessions;
  readonly browser: Browser;
  /** All that is stored under the browser's cookie. */
  readonly stored: (sessions?: Sessions) => Promise<unknown>;
}

async function begin(store: () => SessionStore, options: Partial<SessionOptions> = {}) {
  const time = clock();
  // One store object serves one application; all of them share what is stored.
  const deploy = (others: Partial<SessionOptions>): Sessions =>
    createSessions({
      store: store(),
      key: "session",
      subject: "user",
      now: time.now,
      ...options,
      ...others,
    });
  const sessions = deploy({});
  const browser = new Browser(sessions, time.now);
  await browser.visit((conn) => {
    sessions.of(conn).put("user", "mallory").put("second_factor", true).put("language", "de");
    sessions.of(conn).flash("notice", "for mallory");
  });
  const scene: Scene = {
    deploy,
    sessions,
    browser,
    stored: async (reader = sessions) =>
      (await visit(reader, browser.jar.header, (conn) => reader.getSession(conn))).result,
  };
  return scene;
}

/** A store whose sessions another `createSessions` finds as well. */
function shared(make: () => SessionStore): () => SessionStore {
  const store = make();
  return () => store;
}

describe.each(STORES)("L9: a subject's data in %s", (_, make) => {
  it("who signs in over somebody else's session finds nothing of it but what carry names", async () => {
    const { sessions, browser, stored } = await begin(shared(make), { carry: ["language"] });
    const { result } = await browser.visit((conn) => {
      sessions.putSession(conn, "user", "alice");
      return sessions.getSession(conn);
    });
    expect(result).toEqual({ user: "alice", language: "de" });
    expect(await stored()).toEqual({ user: "alice", language: "de" });
    const notice = await browser.visit((conn) => sessions.of(conn).flash("notice"));
    expect(notice.result).toBeUndefined();
  });

  it("a log-out that only deletes the subject leaves nothing of it", async () => {
    const { sessions, browser, stored } = await begin(shared(make));
    await browser.visit((conn) => sessions.deleteSession(conn, "user"));
    expect(await stored()).toEqual({});
  });

  it("a message that the log-in leaves is for who signs in", async () => {
    const { sessions, browser } = await begin(shared(make));
    await browser.visit((conn) => {
      sessions.of(conn).flash("notice", "welcome").put("user", "alice");
    });
    const { result } = await browser.visit((conn) => sessions.of(conn).flash("notice"));
    expect(result).toBe("welcome");
  });

  it("the wish to stay signed in ends with its subject, and the cookie's path stays", async () => {
    const { sessions, browser } = await begin(shared(make));
    await browser.visit((conn) => {
      sessions.of(conn).configure("persist", true).configure("sameSite", "strict");
      sessions.of(conn).configure("path", "/app");
    });
    const { setCookie } = await browser.visit((conn) => sessions.putSession(conn, "user", "alice"));
    expect(setCookie).not.toMatch(/Max-Age|Expires/);
    expect(setCookie).toMatch(/SameSite=Lax/);
    expect(setCookie).toMatch(/Path=\/app/);
  });

  it("keys that the schema of this version does not know end as well", async () => {
    const { deploy, browser, stored } = await begin(shared(make));
    const schema = { user: z.string(), language: z.string() };
    const next = deploy({ schema, carry: ["language"] });
    await visit(next, browser.jar.header, (conn) => next.putSession(conn, "language", "fr")).then(
      ({ headers }) => browser.jar.take(headers.getSetCookie()),
    );
    expect(await stored()).toEqual({ user: "mallory", second_factor: true, language: "fr" });
    await visit(next, browser.jar.header, (conn) => next.putSession(conn, "user", "alice")).then(
      ({ headers }) => browser.jar.take(headers.getSetCookie()),
    );
    expect(await stored()).toEqual({ user: "alice", language: "fr" });
  });
});

describe.each(TABLES)("L9: a subject's data in %s", (_, make) => {
  it("what a parallel request has written for the subject before does not reach the next one", async () => {
    const { sessions, browser, stored } = await begin(
      shared(() => tableStore({ table: make() })),
      { carry: ["language"] },
    );
    const logIn = await browser.begin();
    logIn.run((conn) => sessions.putSession(conn, "user", "alice"));
    await browser.visit((conn) => {
      sessions.of(conn).put("email", "mallory@example.com").put("language", "en");
      sessions.of(conn).flash("late", "for mallory");
    });
    await browser.receive(logIn);
    expect(await stored()).toEqual({ user: "alice", language: "en" });
    const late = await browser.visit((conn) => sessions.of(conn).flash("late"));
    expect(late.result).toBeUndefined();
  });
});
