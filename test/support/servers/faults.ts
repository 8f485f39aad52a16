/** What becomes of sessions when their server dies, stands still, or loses connections. */
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createSessions } from "../../../src/core/sessions.ts";
import type { SessionTable } from "../../../src/core/store.ts";
import type { Conn } from "../../../src/core/types.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { Browser } from "../browser.ts";
import { Proxy } from "./proxy.ts";
import type { Cut } from "./proxy.ts";
import { Crowd } from "./crowd.ts";
import { pause, tell, until } from "./servers.ts";
import type { Server } from "./servers.ts";

/** Milliseconds without an answer after which clients give a connection up. */
const PATIENCE = 500;
const CUTS: readonly Cut[] = ["before the request", "before the answer"];

/** A server of our own, on which an acknowledged write is on the disk. */
export interface FragileServer {
  readonly port: number;
  readonly server: Server;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface Faulty {
  readonly name: string;
  /** Whether the client gives up a connection on which it writes and never hears. */
  readonly givesUp: boolean;
  start(): Promise<FragileServer>;
  /** A table by a client that gives a connection up that does not answer for some milliseconds. */
  open(port: number, patience: number): Promise<{ table: SessionTable; close(): unknown }>;
}

/** Registers the tests. */
export function testFaults({ name, givesUp, start, open }: Faulty): void {
  let own: FragileServer;
  let proxy: Proxy;
  let opened: Awaited<ReturnType<Faulty["open"]>>;
  let table: SessionTable;
  beforeAll(async () => {
    own = await start();
  });
  afterAll(() => own?.stop());
  beforeEach(async () => {
    proxy = await Proxy.before(own.port);
    opened = await open(proxy.port, PATIENCE);
    ({ table } = opened);
  });
  afterEach(async () => {
    await opened.close();
    await proxy.close();
  });

  it("a server that is killed in the middle of commits and started again has lost none of them", async () => {
    const crowd = await Crowd.signIn(table);
    await crowd.workDuring(async () => {
      // A short while, in which clients only wait, and one that is longer than the store does.
      const wait = () => pause(100);
      const fail = () => until("a failed commit", async () => crowd.errors.length > 0, 15);
      for (const down of [wait, fail]) {
        await own.server.kill();
        await down();
        await own.restart();
        await crowd.isServedAgain();
        await pause(200);
      }
    });
    await crowd.isServedAgain();
    const { done, failed, lost } = await crowd.inspect();
    tell(`${name}: killed twice in ${done} commits, ${failed} errors, ${lost} lost`);
    expect(done).toBeGreaterThan(20);
    expect(failed).toBeGreaterThan(0);
    expect(lost).toBe(0);
  }, 40_000);

  describe.each(CUTS)("a connection that breaks %s", (cut) => {
    const visitor = () => {
      const sessions = createSessions({ store: tableStore({ table, timeout: 1 }), key: "sid" });
      return { sessions, browser: new Browser(sessions, Date.now) };
    };
    const cutting = async <T>(mention: string, task: () => Promise<T>): Promise<T> => {
      proxy.cutNext(cut, mention);
      const result = await task();
      expect(proxy.cutting).toBe(false);
      return result;
    };
    const handleOf = (browser: Browser): string =>
      Buffer.from(browser.jar.value("sid") ?? "", "base64url").toString("base64url", 0, 16);

    it("a creation, a write and a log-out are each made once", async () => {
      const { sessions, browser } = visitor();
      await cutting("digest", () => browser.visit((conn) => sessions.putSession(conn, "n", 1)));
      const handle = handleOf(browser);
      for (let n = 1; n < 4; n++) {
        const request = await browser.begin();
        request.run((conn) => sessions.updateSession(conn, "n", (n) => Number(n) + 1));
        await cutting(handle, () => browser.receive(request));
        const { result } = await browser.visit((conn) => sessions.getSession(conn, "n"));
        expect(result).toBe(n + 1);
      }
      const copy = browser.jar.cookies.map(String);
      const request = await browser.begin();
      request.run((conn) => sessions.dropSession(conn));
      await cutting(handle, () => browser.receive(request));
      expect(await table.get(handle)).toBeUndefined();
      browser.jar.take(copy);
      expect((await browser.visit((conn) => sessions.getSession(conn))).result).toEqual({});
    });

    it("a read gives the session or ERR_SESSION_STORE, and never an empty session", async () => {
      const { sessions, browser } = visitor();
      await browser.visit((conn) => sessions.putSession(conn, "n", 1));
      const answer = await cutting(handleOf(browser), () =>
        browser
          .visit((conn) => sessions.getSession(conn, "n"))
          .then(
            ({ result }) => result,
            (error: { code: string; cause: unknown }) => {
              expect(error.cause).toBeInstanceOf(Error);
              return error.code;
            },
          ),
      );
      expect([1, "ERR_SESSION_STORE"]).toContain(answer);
      expect((await browser.visit((conn) => sessions.getSession(conn, "n"))).result).toBe(1);
    });
  });

  it("L5: a write whose answer is lost while another process writes is made once, or told as unknown", async () => {
    const direct = await open(own.port, PATIENCE);
    try {
      const over = (rows: SessionTable) =>
        createSessions({ store: tableStore({ table: rows, timeout: 1 }), key: "sid" });
      const [mine, theirs] = [over(table), over(direct.table)];
      const add = (sessions: typeof mine) => (conn: Conn) =>
        sessions.updateSession(conn, "n", (n) => Number(n ?? 0) + 1);
      const browser = new Browser(mine, Date.now);
      await browser.visit(add(mine));
      const other = new Browser(theirs, Date.now);
      other.jar.take(browser.jar.cookies.map(String));
      const handle = Buffer.from(browser.jar.value("sid") ?? "", "base64url");
      let stored = 1;
      for (let round = 0; round < 3; round++) {
        const request = await browser.begin();
        request.run(add(mine));
        const row = handle.toString("base64url", 0, 16);
        proxy.cutNext("before the answer", row, () => other.visit(add(theirs)));
        const outcome = await browser.receive(request).then(
          () => "done",
          (error: { code: string }) => error.code,
        );
        expect(["done", "ERR_SESSION_STORE"]).toContain(outcome);
        expect(proxy.cutting).toBe(false);
        const { result } = await other.visit((conn) => theirs.getSession(conn, "n"));
        // Theirs is there. So is mine, once, if I was told so.
        expect([stored + 2, ...(outcome === "done" ? [] : [stored + 1])]).toContain(result);
        stored = Number(result);
      }
    } finally {
      await direct.close();
    }
  }, 20_000);

  it("L6: a log-in of which any one answer is lost is one session in the list, and never two", async () => {
    const store = tableStore({ table, timeout: 1 });
    const sessions = createSessions({ store, key: "sid", subject: "user" });
    const logIn = (user: string): Promise<unknown> =>
      new Browser(sessions, Date.now).visit((conn) => sessions.of(conn).renew().put("user", user));
    await logIn(`warm-${randomUUID()}`); // Scripts and statements are known from here on.
    for (let lost = 1; lost <= 6; lost++) {
      const user = `ann-${randomUUID()}`;
      proxy.loseAnswer(lost);
      const expected = await logIn(user).then(
        () => [1],
        () => [0, 1], // The last look at the list may have failed, after the session was stored.
      );
      proxy.loseAnswer(Infinity);
      expect(expected).toContain((await sessions.list(user)).length);
    }
  }, 20_000);

  it("L6: an insert that arrives after the log-out brings no session back, and none into the list", async () => {
    const store = tableStore({ table, timeout: 1 });
    const sessions = createSessions({ store, key: "sid", subject: "user" });
    const user = `ann-${randomUUID()}`;
    const logIn = (browser: Browser): Promise<unknown> =>
      browser.visit((conn) => sessions.of(conn).renew().put("user", user));
    await logIn(new Browser(sessions, Date.now)); // Scripts and statements are known from here on.
    await sessions.revoke(user);
    await pause(2);
    const browser = new Browser(sessions, Date.now);
    proxy.stallNext("digest");
    await logIn(browser);
    const copy = browser.jar.cookies.map(String);
    expect(await sessions.list(user)).toHaveLength(1);
    await browser.visit((conn) => sessions.dropSession(conn));
    expect(proxy.arrive()).toBe(1);
    await pause(200); // The server carries out what has arrived.
    browser.jar.take(copy);
    expect((await browser.visit((conn) => sessions.getSession(conn))).result).toEqual({});
    expect(await sessions.list(user)).toEqual([]);
  }, 20_000);

  it("connections that break all the time lose nothing and do nothing twice", async () => {
    const crowd = await Crowd.signIn(table);
    await crowd.workDuring(async () => {
      for (let i = 0; i < 20; i++) {
        proxy.cutNext(CUTS[i % 2] ?? "before the answer", "");
        await pause(50);
      }
    });
    await crowd.isServedAgain();
    const { done, failed, lost } = await crowd.inspect();
    tell(
      `${name}: ${proxy.connections} connections in ${done} commits, ${failed} errors, ${lost} lost`,
    );
    expect(proxy.connections).toBeGreaterThan(5);
    expect(lost).toBe(0);
  }, 20_000);

  it("a server that takes connections and never answers is ERR_SESSION_STORE in time, and comes back", async () => {
    const crowd = await Crowd.signIn(table, 4, 0.3);
    await crowd.workDuring(async () => {
      proxy.silence("all");
      await pause(1500);
      expect(crowd.errors.length).toBeGreaterThanOrEqual(4);
      proxy.recover();
    });
    await crowd.isServedAgain();
    expect(await crowd.inspect()).toMatchObject({ lost: 0 });
  }, 20_000);

  it("a server that stands still and goes on does what it was asked at most once", async () => {
    const crowd = await Crowd.signIn(table, 4, 0.3);
    await crowd.workDuring(async () => {
      own.server.signal("SIGSTOP");
      await pause(1500);
      own.server.signal("SIGCONT");
    });
    await crowd.isServedAgain();
    expect(crowd.errors.length).toBeGreaterThanOrEqual(4);
    expect(await crowd.inspect()).toMatchObject({ lost: 0 });
  }, 20_000);

  it.runIf(givesUp)(
    "a connection whose other end has silently gone is given up, and a new one made",
    async () => {
      const crowd = await Crowd.signIn(table, 12, 0.3); // More than a pool has connections.
      const before = proxy.connections;
      proxy.silence("these");
      await crowd.isServedAgain();
      expect(proxy.connections).toBeGreaterThan(before);
      expect(await crowd.inspect()).toMatchObject({ lost: 0 });
    },
    20_000,
  );
}
