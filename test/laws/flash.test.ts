import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSessions } from "../../src/core/sessions.ts";
import type { SessionTable } from "../../src/core/store.ts";
import type { Conn, Sessions } from "../../src/core/types.ts";
import { createTable } from "../../src/tables/named-tables.ts";
import { tableStore } from "../../src/stores/table/table-store.ts";
import { AsyncTable } from "../support/tables/async-table.ts";
import { Browser } from "../support/browser.ts";
import { clock } from "../support/clock.ts";
import { stops } from "../support/events.ts";
import { visit } from "../support/visit.ts";
import type { Visit } from "../support/visit.ts";

interface Scene {
  readonly table: AsyncTable;
  readonly sessions: Sessions;
  readonly browser: Browser;
  readonly take: (conn: Conn) => unknown;
  readonly leave: (text: string) => (conn: Conn) => unknown;
}

async function begin(table: SessionTable = createTable()): Promise<Scene> {
  const time = clock();
  const wire = new AsyncTable(table);
  const store = tableStore({ table: wire });
  const sessions = createSessions({ store, key: "session", now: time.now, subject: "user" });
  const browser = new Browser(sessions, time.now);
  await browser.visit((conn) => sessions.putSession(conn, "seed", 1));
  return {
    table: wire,
    sessions,
    browser,
    take: (conn) => sessions.of(conn).flash("note"),
    leave: (text) => (conn) => sessions.of(conn).flash("note", text),
  };
}

describe("messages, over a table", () => {
  it("a message waits for the request that takes it, however many do not", async () => {
    const { sessions, browser, take, leave } = await begin();
    await browser.visit(leave("hello"));
    await browser.visit((conn) => sessions.getSession(conn));
    await browser.visit((conn) => sessions.putSession(conn, "n", 1));
    await browser.visit((conn) => sessions.renewSession(conn));
    await browser.visit((conn) => sessions.putSession(conn, "user", "ann"));
    expect((await browser.visit(take)).result).toBe("hello");
    expect((await browser.visit(take)).result).toBeUndefined();
  });

  it("a message is not lost if the commit of the request that took it fails", async () => {
    const { table, browser, take, leave } = await begin();
    await browser.visit(leave("hello"));
    const request = await browser.begin();
    expect(request.run(take)).toBe("hello");
    table.breakNext("replace", "rejects");
    table.breakNext("get", "rejects");
    await expect(request.finish()).rejects.toMatchObject({ code: "ERR_SESSION_STORE" });
    expect((await browser.visit(take)).result).toBe("hello");
  });

  it("a message is not lost if the request that took it was stopped, or ignored", async () => {
    const { sessions, browser, take, leave } = await begin();
    await browser.visit(leave("hello"));
    const late = await browser.begin();
    expect(late.run(take)).toBe("hello");
    await browser.visit((conn) => sessions.renewSession(conn));
    expect(stops((await late.finish()).events)).toEqual(["retired"]);
    const ignoring = await browser.visit((conn) => {
      const note = take(conn);
      sessions.configureSession(conn, "ignore", true);
      return note;
    });
    expect(ignoring.result).toBe("hello");
    expect((await browser.visit(take)).result).toBe("hello");
  });

  it("a message is not lost if the request takes the one before it", async () => {
    const { browser, take, leave } = await begin();
    await browser.visit(leave("first"));
    const reader = await browser.begin();
    expect(reader.run(take)).toBe("first");
    await browser.visit(leave("second"));
    await reader.finish();
    expect((await browser.visit(take)).result).toBe("second");
  });

  it("two requests that run at the same time may show a message, and none that begins later", async () => {
    const { browser, take, leave } = await begin();
    await browser.visit(leave("hello"));
    const [one, other] = [await browser.begin(), await browser.begin()];
    expect([one.run(take), other.run(take)]).toEqual(["hello", "hello"]);
    await one.finish();
    expect((await browser.visit(take)).result).toBeUndefined();
    await other.finish();
    expect((await browser.visit(take)).result).toBeUndefined();
  });

  it("a message that was taken is not shown to the token before a renewal", async () => {
    const { sessions, browser, take, leave } = await begin();
    await browser.visit(leave("hello"));
    const old = browser.jar.header;
    await browser.visit((conn) => [take(conn), sessions.renewSession(conn)]);
    expect((await visit(sessions, old, take)).result).toBeUndefined();
  });

  it("a message is shown as the laws say, in whatever order requests begin, take, leave, commit and fail", async () => {
    const does = fc.constantFrom("begin", "take", "leave", "commit", "commit", "fail");
    const step = fc.tuple(does, fc.nat(2));
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 30, maxLength: 60, size: "max" }),
        async (steps) => {
          const { table, browser, take, leave } = await begin();
          /** What is stored, as far as committed requests say. */
          let stored: string | undefined;
          let left = 0;
          const requests = new Map<number, Request>();
          for (const [what, id] of steps) {
            const request = requests.get(id) ?? { visit: await browser.begin(), sees: stored };
            requests.set(id, request);
            if (what === "begin") continue;
            if (what === "take") {
              expect(request.visit.run(take)).toBe(request.leaves ?? request.sees);
              if (request.leaves === undefined) request.takes ??= request.sees;
              delete request.leaves;
              delete request.sees;
            } else if (what === "leave") {
              request.takes ??= request.sees;
              delete request.sees;
              request.leaves = `message ${++left}`;
              request.visit.run(leave(request.leaves));
            } else {
              requests.delete(id);
              if (what === "fail") {
                table.breakNext("replace", "rejects", () => table.breakNext("get", "rejects"));
              }
              const failed = await request.visit.finish().then(
                () => false,
                () => true,
              );
              table.mend();
              if (failed) continue;
              if (stored === request.takes) stored = undefined;
              stored = request.leaves ?? stored;
            }
          }
          expect((await browser.visit(take)).result).toBe(stored);
        },
      ),
      { numRuns: 200 },
    );
  });
});

interface Request {
  readonly visit: Visit;
  /** The message that it would show. */
  sees?: string | undefined;
  takes?: string | undefined;
  leaves?: string;
}
