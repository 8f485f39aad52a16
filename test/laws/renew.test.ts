import { describe, expect, it } from "vitest";
import { createSessions } from "../../src/core/sessions.ts";
import type { SessionOptions } from "../../src/core/options/session-options.ts";
import type { Sessions } from "../../src/core/types.ts";
import { tableStore } from "../../src/stores/table/table-store.ts";
import { Browser } from "../support/browser.ts";
import { clock } from "../support/clock.ts";
import type { Clock } from "../support/clock.ts";
import { commits, refusals, stops } from "../support/events.ts";
import { TABLES } from "../support/stores.ts";
import { visit } from "../support/visit.ts";

interface Scene {
  readonly time: Clock;
  readonly sessions: Sessions;
  readonly browser: Browser;
  /** The Cookie header before the last renewal. */
  readonly old: string;
}

describe.each(TABLES)("L8: a renewed session in %s", (_, make) => {
  async function begin(options: Partial<SessionOptions> = {}): Promise<Omit<Scene, "old">> {
    const time = clock();
    const store = tableStore({ table: make() });
    const sessions = createSessions({ store, key: "session", now: time.now, ...options });
    return { time, sessions, browser: new Browser(sessions, time.now) };
  }

  /** A session with a cart, and one that was renewed when somebody signed in. */
  async function signedIn(options: Partial<SessionOptions> = {}): Promise<Scene> {
    const scene = await begin({ subject: "user", ...options });
    const { sessions, browser } = scene;
    await browser.visit((conn) => sessions.putSession(conn, "cart", ["book"]));
    const old = browser.jar.header ?? "";
    await browser.visit((conn) => {
      sessions.renewSession(conn);
      sessions.putSession(conn, "user", "ann");
    });
    return { ...scene, old };
  }

  it("the session has the same handle, another cookie, and its data", async () => {
    const { sessions, browser, old } = await signedIn();
    expect(browser.jar.header).not.toBe(old);
    const handles = await Promise.all(
      [old, browser.jar.header].map(
        async (header) =>
          (await visit(sessions, header, (conn) => sessions.of(conn).handle)).result,
      ),
    );
    expect(handles[0]).toBe(handles[1]);
    const { result } = await browser.visit((conn) => sessions.getSession(conn));
    expect(result).toEqual({ cart: ["book"], user: "ann" });
  });

  it("the old token reads what was there before, for the grace and no longer", async () => {
    const { time, sessions, old } = await signedIn({ renewGrace: 5 });
    const read = (): ReturnType<typeof visit> =>
      visit(sessions, old, (conn) => sessions.getSession(conn));
    time.pass(4.999);
    const within = await read();
    expect(within.result).toEqual({ cart: ["book"] });
    expect(within.setCookie).toBeUndefined();
    time.pass(0.001);
    const after = await read();
    expect(after.result).toEqual({});
    expect(refusals(after.events)).toEqual(["retired"]);
  });

  it("the old token reads nothing if the grace is 0", async () => {
    const { sessions, old } = await signedIn({ renewGrace: 0 });
    const answer = await visit(sessions, old, (conn) => sessions.getSession(conn));
    expect([answer.result, refusals(answer.events)]).toEqual([{}, ["retired"]]);
  });

  it("the old token cannot write, touch or configure the session", async () => {
    const { sessions, browser, old } = await signedIn();
    const put = await visit(sessions, old, (conn) => sessions.putSession(conn, "cart", []));
    expect([put.setCookie, stops(put.events)]).toEqual([undefined, ["retired"]]);
    const path = await visit(sessions, old, (conn) =>
      sessions.configureSession(conn, "path", "/a"),
    );
    expect([path.setCookie, stops(path.events)]).toEqual([undefined, ["retired"]]);
    const { result } = await browser.visit((conn) => sessions.getSession(conn));
    expect(result).toEqual({ cart: ["book"], user: "ann" });
  });

  it("a late drop with the old token does not clear the new cookie", async () => {
    const { time, sessions, old } = await signedIn();
    time.pass(60);
    const { setCookie } = await visit(sessions, old, (conn) => sessions.dropSession(conn));
    expect(setCookie).toBeUndefined();
  });

  it("no token opens the session but the last two", async () => {
    const { sessions, browser, old } = await signedIn();
    await browser.visit((conn) => sessions.renewSession(conn));
    const answer = await visit(sessions, old, (conn) => sessions.getSession(conn));
    expect([answer.result, refusals(answer.events)]).toEqual([{}, ["unknown-token"]]);
  });

  it("the old token of another subject does not end the session", async () => {
    const { sessions, browser, old } = await signedIn();
    const answer = await visit(sessions, old, (conn) => sessions.dropSession(conn));
    expect([answer.setCookie, stops(answer.events)]).toEqual([undefined, ["retired"]]);
    expect((await browser.visit((conn) => sessions.getSession(conn, "user"))).result).toBe("ann");
  });

  it("a log-out wins over a renewal: the old token of the same subject ends the session", async () => {
    const { sessions, browser } = await signedIn();
    const old = browser.jar.header;
    await browser.visit((conn) => sessions.renewSession(conn));
    const answer = await visit(sessions, old, (conn) => sessions.dropSession(conn));
    expect(answer.setCookie).toMatch(/^session=; Max-Age=0/);
    expect((await browser.visit((conn) => sessions.getSession(conn))).result).toEqual({});
  });

  it.each(["bob", undefined])(
    "the old token reads nothing of the subject who was there before %s",
    async (next) => {
      const { sessions, browser } = await signedIn();
      const old = browser.jar.header;
      await browser.visit((conn) => sessions.updateSession(conn, "user", () => next));
      const read = await visit(sessions, old, (conn) => sessions.getSession(conn));
      expect(read.result).toEqual({});
      const drop = await visit(sessions, old, (conn) => sessions.dropSession(conn));
      expect([drop.setCookie, stops(drop.events)]).toEqual([undefined, ["retired"]]);
      const write = await visit(sessions, old, (conn) => sessions.putSession(conn, "cart", []));
      expect([write.setCookie, stops(write.events)]).toEqual([undefined, ["retired"]]);
    },
  );

  it("the old token reads no message that the new one has shown", async () => {
    const { sessions, browser } = await begin();
    await browser.visit((conn) => sessions.of(conn).flash("note", "hello"));
    const old = browser.jar.header;
    await browser.visit((conn) => sessions.of(conn).renew().flash("note"));
    const { result } = await visit(sessions, old, (conn) => sessions.of(conn).flash("note"));
    expect(result).toBeUndefined();
  });

  it.each([
    ["is set", undefined, "ann"],
    ["is another", "ann", "bob"],
    ["is another type", "1", 1],
    ["is removed", "ann", undefined],
  ])(
    "the session is renewed without being asked if the subject %s",
    async (_name, before, after) => {
      const { sessions, browser } = await begin({ subject: "user" });
      await browser.visit((conn) => {
        sessions.putSession(conn, "other", 1);
        if (before !== undefined) sessions.putSession(conn, "user", before);
      });
      const old = browser.jar.header;
      const { events } = await browser.visit((conn) => {
        if (after === undefined) sessions.deleteSession(conn, "user");
        else sessions.putSession(conn, "user", after);
      });
      expect(commits(events)).toEqual(["renew"]);
      expect(browser.jar.header).not.toBe(old);
    },
  );

  it("the session is not renewed if other data changes, or the subject gets the value that it has", async () => {
    const { sessions, browser } = await signedIn();
    const { events, setCookie } = await browser.visit((conn) => {
      sessions.putSession(conn, "user", "ann");
      sessions.putSession(conn, "cart", []);
    });
    expect([commits(events), setCookie]).toEqual([["write"], undefined]);
  });

  it("a subject that cannot be compared is refused, and what is stored stays", async () => {
    const { sessions, browser } = await signedIn();
    const request = browser.visit((conn) => sessions.putSession(conn, "user", { id: 1 }));
    await expect(request).rejects.toMatchObject({ code: "ERR_SESSION_USE" });
    expect((await browser.visit((conn) => sessions.getSession(conn, "user"))).result).toBe("ann");
  });

  it("both clicks of a double click on log-in sign in, whichever answer the browser keeps", async () => {
    const { sessions, browser } = await begin({ subject: "user" });
    await browser.visit((conn) => sessions.putSession(conn, "cart", ["book"]));
    const requests = [await browser.begin(), await browser.begin()];
    const cookies: string[] = [];
    for (const request of requests) {
      request.run((conn) => {
        sessions.renewSession(conn);
        sessions.putSession(conn, "user", "ann");
      });
      const { setCookie = "" } = await browser.receive(request);
      cookies.push(setCookie.split(";")[0] ?? "");
    }
    const seen = await Promise.all(
      cookies.map((cookie) =>
        visit(sessions, cookie, (conn) => {
          sessions.putSession(conn, "works", cookie);
          return [sessions.getSession(conn, "user"), sessions.getSession(conn, "cart")];
        }),
      ),
    );
    const both = ["ann", ["book"]];
    expect(seen.map(({ result }) => result)).toEqual([both, both]);
    expect(seen.map(({ events }) => commits(events))).toEqual([["write"], ["write"]]);
  });

  it("a second renewal at the same time is a conflict if the first has signed a user in", async () => {
    const { sessions, browser } = await signedIn();
    const [first, second] = [await browser.begin(), await browser.begin()];
    for (const request of [first, second]) request.run((conn) => sessions.renewSession(conn));
    await browser.receive(first);
    await expect(second.finish()).rejects.toMatchObject({ code: "ERR_SESSION_CONFLICT" });
    expect((await browser.visit((conn) => sessions.getSession(conn, "user"))).result).toBe("ann");
  });

  it("the session takes no write of a request that was loaded for another subject", async () => {
    const { sessions, browser } = await signedIn({ renewGrace: 0 });
    const slow = await browser.begin();
    slow.run((conn) => sessions.putSession(conn, "cart", ["slow"]));
    await browser.visit((conn) => sessions.putSession(conn, "user", "bob"));
    const answer = await slow.finish();
    expect([answer.setCookie, stops(answer.events)]).toEqual([undefined, ["retired"]]);
    const { result } = await browser.visit((conn) => sessions.getSession(conn));
    expect(result).toEqual({ user: "bob" });
  });
});
