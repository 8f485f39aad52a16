import { describe, expect, it } from "vitest";
import type { Conn, Sessions } from "../../../src/core/types.ts";
import { commits } from "../../support/events.ts";
import { ALL_OF_MALLORY, begin, mallory } from "./mallory.ts";
import type { Data } from "./mallory.ts";
import { STORES } from "../../support/stores.ts";

describe.each(STORES)("L9: the data of a subject in %s", (_, make) => {
  it("a log-in over another user's session starts empty, but for carry and what the request put", async () => {
    const { sessions, browser, read } = await mallory(make());
    await browser.visit((conn) => {
      sessions.putSession(conn, "welcome", true);
      sessions.putSession(conn, "user", "alice");
    });
    expect(await read()).toEqual({ user: "alice", welcome: true, language: "fr" });
  });

  it("without carry nothing stays", async () => {
    const { sessions, browser, read } = await mallory(make(), { carry: undefined });
    await browser.visit((conn) => sessions.putSession(conn, "user", "alice"));
    expect(await read()).toEqual({ user: "alice" });
  });

  it("a session whose subject is deleted starts empty, but for carry", async () => {
    const { sessions, browser, read } = await mallory(make());
    await browser.visit((conn) => sessions.deleteSession(conn, "user"));
    expect(await read()).toEqual({ language: "fr" });
  });

  it("a log-in of an anonymous visitor keeps what the session holds", async () => {
    const { sessions, browser, read } = begin(make());
    await browser.visit((conn) => sessions.putSession(conn, "basket", ["tea"]));
    await browser.visit((conn) => sessions.putSession(conn, "user", "alice"));
    expect(await read()).toEqual({ user: "alice", basket: ["tea"] });
  });

  it("1 and the text of it are two users", async () => {
    const { sessions, browser, read } = begin(make());
    await browser.visit((conn) => sessions.of(conn).put("user", 1).put("basket", ["tea"]));
    await browser.visit((conn) => sessions.putSession(conn, "user", "1"));
    expect(await read()).toEqual({ user: "1" });
  });

  it("the same user once more, with a renewal, keeps the data", async () => {
    const { sessions, browser, read } = await mallory(make());
    await browser.visit((conn) => {
      sessions.renewSession(conn);
      sessions.putSession(conn, "user", "mallory");
    });
    expect(await read()).toEqual(ALL_OF_MALLORY);
  });

  it("the request itself sees from the change on only carry and what it put, also before the change", async () => {
    const { sessions, browser } = await mallory(make());
    const { result } = await browser.visit((conn) => {
      sessions.putSession(conn, "welcome", true);
      const before = Object.keys(sessions.getSession(conn));
      sessions.putSession(conn, "user", "alice");
      const after = { ...sessions.getSession(conn) };
      return { before, after, basket: sessions.getSession(conn, "basket") };
    });
    expect(result.before).toHaveLength(6);
    expect(result.after).toEqual({ user: "alice", welcome: true, language: "fr" });
    expect(result.basket).toBeUndefined();
  });

  it("an update from before the change, and one from after it, run on what the session has after it", async () => {
    const { sessions, browser, read } = await mallory(make());
    const add = (conn: Conn, key: string, item: string): unknown =>
      sessions.updateSession(conn, key, (list) => [...((list as string[]) ?? []), item]);
    const { result } = await browser.visit((conn) => {
      add(conn, "basket", "milk");
      sessions.updateSession(conn, "language", (language) => `${String(language)}-CA`);
      const before = sessions.getSession(conn, "basket");
      sessions.putSession(conn, "user", "alice");
      const after = sessions.getSession(conn, "basket");
      add(conn, "basket", "bread");
      add(conn, "seen", "home");
      return { before, after };
    });
    expect(result).toEqual({ before: ["tea", "milk"], after: ["milk"] });
    expect(await read()).toEqual({
      user: "alice",
      basket: ["milk", "bread"],
      seen: ["home"],
      language: "fr-CA",
    });
  });

  it("an update that changes the subject ends the subject, and runs on no other one", async () => {
    const { sessions, browser, read } = await mallory(make());
    await browser.visit((conn) =>
      sessions.updateSession(conn, "user", (user) => (user === "mallory" ? "alice" : "nobody")),
    );
    expect(await read()).toEqual({ user: "alice", language: "fr" });
  });

  it("an update that cannot run on the emptied session fails the change, and nothing has changed", async () => {
    const { sessions, browser, read } = await mallory(make());
    await browser.visit((conn) => {
      sessions.updateSession(conn, "basket", (list) => [...(list as string[]), "milk"]);
      expect(() => sessions.putSession(conn, "user", "alice")).toThrow(TypeError);
      expect(sessions.getSession(conn)).toEqual({ ...ALL_OF_MALLORY, basket: ["tea", "milk"] });
    });
    expect(await read()).toEqual({ ...ALL_OF_MALLORY, basket: ["tea", "milk"] });
  });

  it.each<[string, (sessions: Sessions<Data>, conn: Conn) => unknown]>([
    ["another one", (sessions, conn) => sessions.putSession(conn, "user", "alice")],
    ["none", (sessions, conn) => sessions.deleteSession(conn, "user")],
  ])("if the request put %s and then the first again, all of it stays", async (_way, change) => {
    const { sessions, browser, read } = await mallory(make());
    const answer = await browser.visit((conn) => {
      sessions.updateSession(conn, "basket", (list) => [...((list as string[]) ?? []), "milk"]);
      change(sessions, conn);
      sessions.putSession(conn, "user", "mallory");
      return { ...sessions.getSession(conn) };
    });
    const all = { ...ALL_OF_MALLORY, basket: ["tea", "milk"] };
    expect([answer.result, await read()]).toEqual([all, all]);
    expect(commits(answer.events)).toEqual(["write"]);
  });

  it("what is put after a drop has nothing of before, not even carry", async () => {
    const { sessions, browser, read } = await mallory(make());
    await browser.visit((conn) => {
      sessions.dropSession(conn);
      sessions.putSession(conn, "user", "alice");
    });
    expect(await read()).toEqual({ user: "alice" });
  });

  it("a log-in between a drop and its withdrawal ends the subject", async () => {
    const { sessions, browser, read } = await mallory(make());
    await browser.visit((conn) => {
      sessions.dropSession(conn);
      sessions.updateSession(conn, "basket", (list) => list ?? "new");
      sessions.putSession(conn, "user", "alice");
      sessions.configureSession(conn, "drop", false);
    });
    expect(await read()).toEqual({ user: "alice", basket: "new", language: "fr" });
  });

  it("two changes in a row, away and back in another request, keep only carry", async () => {
    const { sessions, browser, read } = await mallory(make());
    await browser.visit((conn) => sessions.deleteSession(conn, "user"));
    await browser.visit((conn) => sessions.putSession(conn, "user", "mallory"));
    expect(await read()).toEqual({ user: "mallory", language: "fr" });
  });

  it("a message for the former user is shown to nobody, and one that the request leaves is", async () => {
    const { sessions, browser } = await mallory(make());
    await browser.visit((conn) => {
      sessions.of(conn).flash("note", "mallory's balance is 1");
      sessions.of(conn).flash("other", "a word for mallory");
    });
    const { result } = await browser.visit((conn) => {
      sessions.putSession(conn, "user", "alice");
      const shown = sessions.of(conn).flash("other");
      sessions.of(conn).flash("welcome", "hello alice");
      return shown;
    });
    expect(result).toBeUndefined();
    const next = await browser.visit((conn) =>
      ["note", "other", "welcome"].map((key) => sessions.of(conn).flash(key)),
    );
    expect(next.result).toEqual([undefined, undefined, "hello alice"]);
  });
});
