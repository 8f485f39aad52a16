import type { Http2ServerResponse } from "node:http2";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { Incoming } from "../app.ts";
import type { Browser } from "../client.ts";
import { later } from "../stores.ts";
import { codeOf, open, signal, thrownBy } from "../world.ts";
import type { Parts, Setting, World } from "../world.ts";

/** What the handler of `/act` does. Its answer is for nobody: what it gives is whether it ends. */
type Act = (
  parts: Pick<Parts, "sessions"> & Pick<Incoming, "conn">,
  lose: () => Promise<void>,
) => Promise<"ends" | "never ends">;

interface Lost extends World {
  /** Signed in as ada before the handler acts. */
  readonly ada: Browser;
  /** What ada's cookie opens now. */
  readonly read: () => Promise<string>;
  /** Asks, and waits until the handler has done its part. */
  readonly act: () => Promise<void>;
}

/** How an answer is lost. Each waits until the server knows. */
interface Way {
  readonly title: string;
  readonly protocols: readonly string[];
  readonly lose: (incoming: Incoming, leave: () => void) => Promise<void>;
}

const ways: readonly Way[] = [
  {
    title: "the client goes",
    protocols: ["http/1.1", "http/2"],
    async lose({ untilGone }, leave) {
      const gone = untilGone();
      leave();
      await gone;
    },
  },
  {
    title: "the handler destroys the answer",
    protocols: ["http/1.1", "http/2"],
    async lose({ untilGone, response }) {
      const gone = untilGone();
      response().destroy();
      await gone;
    },
  },
  {
    title: "the handler answers on the stream below the response",
    protocols: ["http/2"],
    async lose({ untilGone, response }) {
      const gone = untilGone();
      const { stream } = response() as unknown as Http2ServerResponse;
      stream.respond({ ":status": 200 });
      stream.end("bye");
      await gone;
    },
  },
];

/** An answer never leaves: nobody can be given a cookie, and nothing that matters is lost, silent or late. */
export function unansweredCases(setting: Setting): void {
  const { driver, stores } = setting;
  const hasTable = stores.table !== "none";
  /** What says, beside a commit, that its cookie was left out. A table's own cookie stays what it is. */
  const sealed = hasTable ? [] : ["drop-cookie no-answer"];

  /**
   * @param way how the answer is lost when the handler says so
   * @param errors what arrives at the host's error path
   */
  async function losing(
    act: Act,
    way: Way = ways[0] as Way,
    errors: readonly string[] = [],
  ): Promise<Lost> {
    const acted = signal();
    let leave = (): void => {};
    const world = await open(
      setting,
      ({ sessions }) =>
        async (incoming) => {
          const { conn, path } = incoming;
          if (path === "/in") sessions.putSession(conn, "user", "ada");
          if (path !== "/act") return { body: JSON.stringify(sessions.getSession(conn)) };
          const acting = act({ sessions, conn }, () => way.lose(incoming, leave));
          const how = await acting.finally(acted.give);
          return how === "ends" ? { body: "for nobody" } : new Promise<never>(() => {});
        },
      { sessions: { subject: "user" } },
    );
    const rejections: unknown[] = [];
    const hear = (reason: unknown): void => void rejections.push(reason);
    process.on("unhandledRejection", hear);
    onTestFinished(() => {
      process.off("unhandledRejection", hear);
      expect(rejections).toEqual([]);
      expect(world.errors.map(codeOf)).toEqual(errors);
    });
    const ada = world.browser();
    return {
      ...world,
      ada,
      read: async () => (await ada.get("/read")).body,
      async act() {
        const exchange = ada.ask("/act");
        exchange.head.then(
          ({ body }) => body.resume(),
          () => {},
        );
        leave = exchange.abort;
        await acted.given;
        await settled(world);
      },
    };
  }

  for (const way of ways) {
    if (!way.protocols.includes(driver.protocol)) continue;
    describe(`L14: when ${way.title}`, () => {
      test.each(["before", "after"])(
        "a log-out %s that is carried out at once, although the handler never ends",
        async (when) => {
          const world = await losing(async ({ sessions, conn }, lose) => {
            // A first look after the head has left is too late for every write, and says so.
            sessions.getSession(conn);
            if (when === "before") sessions.dropSession(conn);
            await lose();
            if (when === "after") sessions.dropSession(conn);
            return "never ends";
          }, way);
          await world.ada.get("/in");
          await world.act();
          expect(world.events.slice(1)).toEqual(["drop asked", "drop-cookie no-answer"]);
          expect(await world.read()).toBe(hasTable ? "{}" : '{"user":"ada"}');
        },
      );

      test("a log-out that takes the subject away ends the session, with all that is left in it", async () => {
        const world = await losing(async ({ sessions, conn }, lose) => {
          sessions.deleteSession(conn, "user");
          sessions.putSession(conn, "n", 1);
          await lose();
          return "ends";
        }, way);
        await world.ada.get("/in");
        await world.act();
        expect(world.events.slice(1)).toEqual(["drop subject", "drop-cookie no-answer"]);
        expect(await world.read()).toBe(hasTable ? "{}" : '{"user":"ada"}');
      });

      test("other writes wait for the handler's end, and are committed once", async () => {
        let early = -1;
        const world = await losing(async ({ sessions, conn }, lose) => {
          sessions.putSession(conn, "n", 1);
          await lose();
          await settled(world);
          early = world.calls.write;
          sessions.updateSession(conn, "n", (n = 0) => n + 1);
          return "ends";
        }, way);
        await world.ada.get("/in");
        await world.act();
        expect(early).toBe(0);
        expect(world.calls).toMatchObject({ create: 1, write: 1, touch: 0, drop: 0 });
        expect(world.events.slice(1)).toEqual(["commit write", ...sealed]);
        expect(await world.read()).toBe(hasTable ? '{"user":"ada","n":2}' : '{"user":"ada"}');
      });
    });
  }

  describe("L14: when no answer can leave", () => {
    test("the writes of a handler that never ends are committed after 30 seconds, and it may log out even later", async () => {
      let late = "";
      const expired = signal();
      const world = await losing(async ({ sessions, conn }, lose) => {
        sessions.putSession(conn, "n", 1);
        vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
        onTestFinished(() => void vi.useRealTimers());
        await lose();
        const goOn = async (): Promise<void> => {
          await expired.given;
          late = thrownBy(() => sessions.putSession(conn, "n", 2));
          sessions.dropSession(conn);
        };
        void goOn();
        return "never ends";
      });
      await world.ada.get("/in");
      await world.act();
      vi.advanceTimersByTime(29_999);
      await settled(world);
      expect(world.calls.write).toBe(0);
      vi.advanceTimersByTime(1);
      await settled(world);
      expect(world.events.slice(1)).toEqual(["commit write", ...sealed]);
      expired.give();
      await settled(world);
      expect(late).toBe("ERR_SESSION_COMMITTED");
      expect(world.events.slice(-2)).toEqual(["drop asked", "drop-cookie no-answer"]);
      expect(world.calls).toMatchObject({ write: 1, drop: 1 });
      expect(await world.read()).toBe(hasTable ? "{}" : '{"user":"ada"}');
    });

    test("a new session is not made, which is an event", async () => {
      const world = await losing(async ({ sessions, conn }, lose) => {
        sessions.putSession(conn, "user", "ada");
        await lose();
        return "ends";
      });
      await world.act();
      expect(world.events).toEqual(["stop no-answer"]);
      expect(world.calls.create).toBe(0);
    });

    const writes: Record<string, (parts: Parameters<Act>[0]) => void> = {
      "a renewal": ({ sessions, conn }) => sessions.renewSession(conn),
      "a log-in as somebody else": ({ sessions, conn }) => sessions.putSession(conn, "user", "bob"),
      "a cookie with other attributes": ({ sessions, conn }) =>
        sessions.configureSession(conn, "persist", true),
    };
    test.each(Object.keys(writes))("%s is not made, which is an event", async (name) => {
      const world = await losing(async (parts, lose) => {
        writes[name]?.(parts);
        await lose();
        return "ends";
      });
      await world.ada.get("/in");
      await world.act();
      expect(world.events.slice(1)).toEqual(["stop no-answer"]);
      expect(world.calls).toMatchObject({ write: 0, touch: 0, drop: 0 });
      expect(await world.read()).toBe('{"user":"ada"}');
    });

    test("attributes that did not reach the browser are sent with the next answer that asks for them", async () => {
      let isLost = true;
      const world = await losing(async ({ sessions, conn }, lose) => {
        sessions.configureSession(conn, "persist", true);
        sessions.putSession(conn, "n", 1);
        if (isLost) await lose();
        return "ends";
      });
      await world.ada.get("/in");
      await world.act();
      expect(world.events.slice(1)).toEqual(["commit write", "drop-cookie no-answer"]);
      isLost = false;
      expect((await world.ada.get("/act")).cookies.join()).toContain("Max-Age=");
    });

    test("a handler that fails is told to the host once, and what it wrote is committed once", async () => {
      const world = await losing(
        async ({ sessions, conn }, lose) => {
          sessions.putSession(conn, "n", 1);
          await lose();
          sessions.updateSession(conn, "n", (n = 0) => n + 1);
          throw new Error("boom");
        },
        ways[0],
        ["boom"],
      );
      await world.ada.get("/in");
      await world.act();
      expect(world.events.slice(1)).toEqual(["commit write", ...sealed]);
      expect(await world.read()).toBe(hasTable ? '{"user":"ada","n":2}' : '{"user":"ada"}');
    });

    test("a log-out with a message for the next visitor ends the session, and an event says that the message is lost", async () => {
      const world = await losing(async ({ sessions, conn }, lose) => {
        sessions.dropSession(conn);
        sessions.of(conn).flash("text", "bye");
        await lose();
        expect(thrownBy(() => sessions.putSession(conn, "n", 1))).toBe("nothing");
        return "ends";
      });
      await world.ada.get("/in");
      await world.act();
      // The log-out did not wait for the handler's end, where it turns out that no session begins.
      expect(world.events.slice(1).toSorted()).toEqual([
        "drop asked",
        "drop-cookie no-answer",
        "stop no-answer",
      ]);
      expect(world.calls).toMatchObject({ create: 1, drop: 1 });
      expect(await world.read()).toBe(hasTable ? "{}" : '{"user":"ada"}');
    });

    describe.runIf(hasTable)("a table whose client has gone", () => {
      test.each(["before", "between", "after"])(
        "a renewal that follows a revocation ends the session, if the client goes %s them: its copies must not stay good",
        async (when) => {
          const world = await losing(async ({ sessions, conn }, lose) => {
            sessions.getSession(conn);
            if (when === "before") await lose();
            await sessions.revoke("ada", { except: conn });
            if (when === "between") await lose();
            sessions.renewSession(conn);
            if (when === "after") await lose();
            return "ends";
          });
          await world.ada.get("/in");
          await world.act();
          expect(world.events.slice(1)).toEqual(["drop no-answer", "drop-cookie no-answer"]);
          expect(world.calls).toMatchObject({ write: 0, drop: 1 });
          expect(await world.read()).toBe("{}");
        },
      );

      test("a revocation without a renewal leaves the session that it spares", async () => {
        const world = await losing(async ({ sessions, conn }, lose) => {
          await sessions.revoke("ada", { except: conn });
          sessions.putSession(conn, "n", 1);
          await lose();
          return "ends";
        });
        await world.ada.get("/in");
        await world.act();
        expect(world.events.slice(1)).toEqual(["commit write"]);
        expect(await world.read()).toBe('{"user":"ada","n":1}');
      });

      test.each(["put", "drop"])(
        "a failure at a %s is an event, and no error path is called and nothing is rejected",
        async (what) => {
          const world = await losing(async ({ sessions, conn }, lose) => {
            if (what === "put") sessions.putSession(conn, "n", 1);
            else sessions.dropSession(conn);
            if (world.table) world.table.writes = "failing";
            await lose();
            return "ends";
          });
          await world.ada.get("/in");
          await world.act();
          expect(world.events.slice(1)).toEqual(["commit-error ERR_SESSION_STORE"]);
          if (world.table) world.table.writes = "answered";
          expect(await world.read()).toBe('{"user":"ada"}');
        },
      );

      test("a table that fails beside the handler leaves the host with the handler's error alone", async () => {
        const world = await losing(
          async ({ sessions, conn }, lose) => {
            sessions.putSession(conn, "n", 1);
            if (world.table) world.table.writes = "failing";
            await lose();
            throw new Error("boom");
          },
          ways[0],
          ["boom"],
        );
        await world.ada.get("/in");
        await world.act();
        expect(world.events.slice(1)).toEqual(["commit-error ERR_SESSION_STORE"]);
      });

      test("a log-out ends the session even if it comes while the table answers late", async () => {
        const released = signal();
        const world = await losing(async ({ sessions, conn }, lose) => {
          sessions.putSession(conn, "n", 1);
          if (world.table) world.table.until = released.given;
          await lose();
          const goOn = async (): Promise<void> => {
            await settled(world);
            sessions.dropSession(conn);
            released.give();
          };
          void goOn();
          return "ends";
        });
        await world.ada.get("/in");
        await world.act();
        await settled(world);
        expect(world.events).toContain("drop asked");
        expect(world.calls).toMatchObject({ write: 1, drop: 1 });
        expect(await world.read()).toBe("{}");
      });

      test("an error of a commit that began before the client went is an event, too", async () => {
        const released = signal();
        const begun = signal();
        const world = await losing(async ({ sessions, conn }, lose) => {
          sessions.putSession(conn, "n", 1);
          if (world.table) {
            world.table.until = released.given;
            world.table.onWrite = begun.give;
          }
          const fail = async (): Promise<void> => {
            await begun.given;
            await lose();
            if (world.table) world.table.writes = "failing";
            released.give();
          };
          void fail();
          return "ends";
        });
        await world.ada.get("/in");
        await world.act();
        await released.given;
        await settled(world);
        expect(world.events.slice(1)).toEqual(["commit-error ERR_SESSION_STORE"]);
      });
    });
  });
}

/** Whatever was set off before is over by the time that others have made their way. */
async function settled(world: World): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) {
    await later("longest");
    if (turn % 10 === 0) await world.browser().get("/read");
  }
}
