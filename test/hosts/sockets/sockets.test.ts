/** L14: a request of a socket has no head of its own. Its session can be read, and no write gets lost without a word. */
import { describe, expect, onTestFinished, test } from "vitest";
import { createSessions } from "../../../src/core/sessions.ts";
import type { Sessions } from "../../../src/core/types.ts";
import { storeKinds } from "../../contracts/hosts/stores.ts";
import { freshKey, listenTo, start, thrownBy } from "../../contracts/hosts/world.ts";
import type { Data } from "../../contracts/hosts/world.ts";
import { ways } from "./ways.ts";
import type { OnSocket } from "./ways.ts";

const COMMITTED = "ERR_SESSION_COMMITTED";

describe.each(ways)("L14: $name", (way) => {
  describe.each(storeKinds)("with $name", (kind) => {
    async function open(handle: (sessions: Sessions<Data>) => OnSocket) {
      const { store, calls, table } = kind.open();
      const key = freshKey();
      const sessions = createSessions<Data>({ store, key, secure: false });
      const { server, stop } = await way.serve(sessions, handle(sessions));
      onTestFinished(stop);
      const served = await start(server);
      const browser = served.browser();
      const connect = (): Promise<string> => {
        const cookie = browser.jar.get(key);
        return way.open(served.port, cookie === undefined ? {} : { cookie: `${key}=${cookie}` });
      };
      return { browser, calls, table, key, connect };
    }

    const greet = (sessions: Sessions<Data>): OnSocket => {
      return async (req) => `hello ${sessions.getSession(req, "user")}`;
    };

    test("the session of the socket can be read, and without a cookie it is empty", async () => {
      const { browser, connect } = await open(greet);
      expect(await connect()).toBe("hello undefined");
      await browser.get("/put");
      expect(await connect()).toBe("hello ada");
    });

    test("every write is ERR_SESSION_COMMITTED, even the first look, and changes nothing", async () => {
      const { browser, calls, connect, key } = await open((sessions) => async (req) => {
        return JSON.stringify([
          thrownBy(() => sessions.putSession(req, "n", 1)),
          thrownBy(() => sessions.deleteSession(req, "user")),
          thrownBy(() => sessions.updateSession(req, "n", () => 1)),
          thrownBy(() => sessions.of(req).flash("text", "hello")),
          thrownBy(() => sessions.configureSession(req, "sameSite", "strict")),
          thrownBy(() => sessions.renewSession(req)),
          thrownBy(() => sessions.dropSession(req)),
          sessions.getSession(req),
        ]);
      });
      const events = listenTo(key);
      const refused = Array.from({ length: 7 }, () => COMMITTED);
      expect(JSON.parse(await connect())).toEqual([...refused, {}]);
      await browser.get("/put");
      expect(JSON.parse(await connect())).toEqual([...refused, { user: "ada" }]);
      expect(JSON.parse((await browser.get("/")).body)).toEqual({ user: "ada" });
      expect(calls).toMatchObject({ create: 1, write: 0, touch: 0, drop: 0 });
      expect(events).toEqual(["commit create"]);
    });

    test("a later first look reads, and refuses writes as well", async () => {
      const { browser, connect } = await open((sessions) => async (req) => {
        await new Promise((done) => setImmediate(done));
        return `${sessions.getSession(req, "user")} ${thrownBy(() => sessions.dropSession(req))}`;
      });
      await browser.get("/put");
      expect(await connect()).toBe(`ada ${COMMITTED}`);
      expect((await browser.get("/")).body).toContain("ada");
    });

    test.runIf(kind.table !== "none")(
      "an outage is an error or a closed socket, and never somebody without a session",
      async () => {
        const { browser, table, connect } = await open((sessions) => async (req) => {
          return thrownBy(() => sessions.getSession(req, "user"));
        });
        await browser.get("/put");
        if (table) table.reads = "failing";
        // Where a library has no path for errors, it hands the socket to the application, which is told.
        expect(await connect()).not.toBe("nothing");
      },
    );
  });
});
