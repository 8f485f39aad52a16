import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { SessionRow, SessionTable } from "../../../src/core/store.ts";
import type { Conn } from "../../../src/core/types.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { AsyncTable, verbsOf } from "../../support/tables/async-table.ts";
import type { Fault } from "../../support/tables/async-table.ts";
import { refusals } from "../../support/events.ts";
import { EVERY, GRACE, Renewing, changesOfToken } from "./renewing.ts";

const FAULTS: readonly Fault[] = [
  "throws",
  "rejects",
  "never answers",
  "loses the answer",
  "does it and never answers",
];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** What became of a promise while the deadlines of calls pass. */
async function outcome(promise: Promise<unknown>): Promise<unknown> {
  const ended = promise.then(
    () => "done",
    (error: { code?: string }) => error.code,
  );
  await vi.advanceTimersByTimeAsync(10_000);
  return ended;
}

/** A table behind a wire, and the handles of all sessions that it was ever given. */
class Scene {
  readonly handles = new Set<string>();
  readonly table: AsyncTable;
  renewing!: Renewing;

  constructor() {
    const memory = createTable();
    const noting = verbsOf(memory, {
      insert: (key: string, row: SessionRow, now: number) => {
        if (key.length === 22) this.handles.add(key);
        return memory.insert(key, row, now);
      },
    } satisfies Partial<SessionTable>);
    this.table = new AsyncTable(noting);
  }

  /** The next request gets a next token. */
  static async due(): Promise<Scene> {
    const scene = new Scene();
    scene.renewing = await Renewing.due(scene.table);
    return scene;
  }

  /** The browser has a next token, and has not presented it yet. */
  static async presenting(): Promise<Scene> {
    const scene = await Scene.due();
    await scene.renewing.rotate();
    return scene;
  }

  /** What a request does: it only looks, or it writes. */
  readonly does: Readonly<Record<"looks" | "writes", (conn: Conn) => unknown>> = {
    looks: (conn) => this.renewing.look(conn),
    writes: (conn) => this.renewing.sessions.updateSession(conn, "n", (n = 0) => n + 1),
  };

  /** The cookie that the browser holds opens the one session for writing; now, and over the next renewals. */
  async expectOneUsable(): Promise<void> {
    const { sessions, browser, time } = this.renewing;
    const kinds: string[] = [];
    for (const pause of [0, 1, GRACE, 1, EVERY, 1, GRACE]) {
      time.pass(pause);
      const { result, events } = await browser.visit((conn) => {
        sessions.updateSession(conn, "n", (n = 0) => n + 1);
        return sessions.getSession(conn, "user");
      });
      expect([result, refusals(events)]).toEqual(["ann", []]);
      kinds.push(...changesOfToken(events));
    }
    expect(kinds).toContain("retire presented");
    expect(kinds).toContain("renew interval");
    expect(this.handles.size).toBe(1);
  }
}

/** What the next request does to a token. */
const MOMENTS: readonly (readonly [moment: string, reach: () => Promise<Scene>])[] = [
  ["a next token is issued", () => Scene.due()],
  ["the next token is presented", () => Scene.presenting()],
];

describe.each(["looks", "writes"] as const)("L8: a request that %s", (kind) => {
  describe.each(FAULTS)("when the table %s", (fault) => {
    describe.each(MOMENTS)("as %s", (_moment, reach) => {
      it("the request leaves one usable session", async () => {
        const scene = await reach();
        scene.table.breakNext("replace", fault);
        expect(await outcome(scene.renewing.browser.visit(scene.does[kind]))).toBe("done");
        await scene.expectOneUsable();
      });

      it("if the read that would settle it fails too, one usable session is left, and only a write is an error", async () => {
        const scene = await reach();
        const { browser } = scene.renewing;
        const before = browser.jar.header;
        const request = await browser.begin();
        request.run(scene.does[kind]);
        scene.table.breakNext("replace", fault);
        scene.table.breakNext("get", "rejects");
        // A page that only looked depends on nothing that failed: it leaves, and the failure is an event.
        const expected = kind === "looks" ? "done" : "ERR_SESSION_STORE";
        expect(await outcome(browser.receive(request))).toBe(expected);
        expect(browser.jar.header).toBe(before);
        await scene.expectOneUsable();
      });
    });
  });

  it("if the browser never gets its answer, the request leaves one usable session", async () => {
    const scene = await Scene.due();
    const { cookie } = scene.renewing;
    const { setCookie } = await scene.renewing.with(cookie, scene.does[kind]);
    expect(setCookie).toBeDefined();
    await scene.expectOneUsable();
  });

  it("if its client goes while the token is issued, the request leaves one usable session", async () => {
    const scene = await Scene.due();
    await scene.renewing.browser.visit(scene.does[kind], { gone: true });
    await scene.expectOneUsable();
  });
});
