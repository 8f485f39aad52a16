import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { describe, expect, onTestFinished, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { fly } from "../canaries.ts";
import { open, signal, thrownBy } from "../world.ts";
import type { Setting, World } from "../world.ts";

/** What clients do: go away, come back on the same connection, come all at once, and send odd cookies. */
export function clientCases(setting: Setting): void {
  const { driver, stores } = setting;

  describe("a client that has gone", () => {
    /** Asks, leaves while the handler is at work, and waits until the handler has answered nobody. */
    async function leave(act: "put" | "renew" | "drop", before: boolean): Promise<World> {
      const entered = signal();
      const answered = signal();
      const world = await open(setting, ({ sessions }) => async ({ conn, path, untilGone }) => {
        if (path === "/put") sessions.putSession(conn, "n", 1);
        if (path !== "/leave") return { body: JSON.stringify(sessions.getSession(conn)) };
        const gone = untilGone();
        entered.give();
        await gone;
        if (act === "put") sessions.putSession(conn, "n", 2);
        else sessions.configureSession(conn, act, true);
        answered.give();
        return { body: "too late" };
      });
      const browser = world.browser();
      if (before) await browser.get("/put");
      const exchange = browser.ask("/leave");
      const failed = expect(exchange.head).rejects.toThrow();
      await entered.given;
      exchange.abort();
      await Promise.all([failed, answered.given]);
      // Whatever the answer set off is over by the time that another one has made its way.
      await world.browser().get("/put");
      expect(world.errors).toEqual([]);
      return Object.assign(world, { browser: () => browser });
    }

    test("the client leaves no new session behind", async () => {
      const world = await leave("put", false);
      expect(world.calls).toMatchObject({ create: 1, write: 0 }); // the other request's
    });

    test("the client keeps its old token, because no renewal is made", async () => {
      const world = await leave("renew", true);
      expect(world.calls.write).toBe(0);
      expect((await world.browser().get("/read")).body).toBe('{"n":1}');
    });

    test.runIf(stores.table !== "none")("the client's writes are kept", async () => {
      const world = await leave("put", true);
      expect((await world.browser().get("/read")).body).toBe('{"n":2}');
    });

    test.runIf(stores.table !== "none")("the client's log-out is carried out", async () => {
      const world = await leave("drop", true);
      expect((await world.browser().get("/read")).body).toBe("{}");
      expect(world.events).toContain("refuse unknown");
    });
  });

  test("requests of several users on one connection are told apart", async () => {
    const world = await open(setting, ({ sessions }) => ({ conn, path, query }) => {
      if (path === "/put") sessions.putSession(conn, "user", query.get("user") ?? "");
      return { body: String(sessions.getSession(conn, "user")) };
    });
    const ada = world.browser();
    const bob = ada.twin();
    const nobody = ada.twin();
    await ada.get("/put?user=ada");
    await bob.get("/put?user=bob");
    for (let round = 0; round < 3; round += 1) {
      expect((await ada.get("/")).body).toBe("ada");
      expect((await nobody.get("/")).body).toBe("undefined");
      expect((await bob.get("/")).body).toBe("bob");
    }
    expect(world.connections()).toBe(1);
  });

  // The store that answers later is where requests can meet; the others' work is one turn of the loop.
  const requests =
    Number(process.env["SOJOURN_CANARIES"] ?? 10_000) / (stores.table === "later" ? 1 : 25);

  test(
    `${requests} interleaved requests never see another's session`,
    { timeout: 300_000 },
    async () => {
      const { mixUps, errors, created } = await fly(setting, requests);
      expect(mixUps).toEqual([]);
      expect(errors).toEqual([]);
      expect(created).toBe(100);
    },
  );

  test.runIf(driver.protocol === "http/1.1")(
    "a WebSocket, whose upgrade passes no middleware, has the session of its headers to read",
    async () => {
      const world = await open(setting, ({ sessions }) => ({ conn }) => {
        sessions.putSession(conn, "user", "ada");
        return { body: "" };
      });
      const sockets = new WebSocketServer({ noServer: true });
      onTestFinished(() => sockets.close());
      const upgrade = async (req: IncomingMessage, socket: Duplex, head: Buffer) => {
        const session = await world.sessions.read(req.headers);
        const write = thrownBy(() => session.put("user", "eve"));
        const hello = `${session.get("user")} ${write}`;
        sockets.handleUpgrade(req, socket, head, (ws) => ws.send(hello));
      };
      world.server.on("upgrade", (...args: Parameters<typeof upgrade>) => void upgrade(...args));
      const hello = async (cookie: string): Promise<string> => {
        const ws = new WebSocket(`ws://127.0.0.1:${world.port}`, { headers: { cookie } });
        onTestFinished(() => ws.terminate());
        const [message] = (await once(ws, "message")) as [Buffer];
        return message.toString();
      };
      const browser = world.browser();
      await browser.get("/");
      const cookie = `${world.key}=${browser.jar.get(world.key)}`;
      expect(await hello(cookie)).toBe("ada ERR_SESSION_COMMITTED");
      expect(await hello("other=1")).toBe("undefined ERR_SESSION_COMMITTED");
      expect(world.calls).toMatchObject({ create: 1, write: 0, touch: 0 });
    },
  );

  describe(driver.protocol === "http/2" ? "cookie crumbs" : "several Cookie headers", () => {
    async function two(): Promise<{
      readonly world: World;
      readonly ada: string;
      readonly bob: string;
      readonly ask: (...cookies: readonly string[]) => Promise<string>;
    }> {
      const world = await open(setting, ({ sessions }) => ({ conn, path, query }) => {
        if (path === "/put") sessions.putSession(conn, "user", query.get("user") ?? "");
        if (path === "/out") sessions.dropSession(conn);
        if (path === "/in") {
          sessions.renewSession(conn);
          sessions.putSession(conn, "user", "carl");
        }
        return { body: String(sessions.getSession(conn, "user")) };
      });
      const put = async (user: string): Promise<string> => {
        const browser = world.browser();
        await browser.get(`/put?user=${user}`);
        return `${world.key}=${browser.jar.get(world.key)}`;
      };
      const browser = world.browser();
      const ask = async (...cookies: readonly string[]) =>
        (await browser.get("/", { cookies })).body;
      return { world, ada: await put("ada"), bob: await put("bob"), ask };
    }

    test("ours is read, wherever it stands among them", async () => {
      const { ada, bob, ask } = await two();
      expect(await ask("a=1", ada)).toBe("ada");
      expect(await ask(`a=1; ${bob}`, "b=2")).toBe("bob");
      expect(await ask(ada, ada)).toBe("ada");
    });

    test("two sessions are refused, in both orders", async () => {
      const { world, ada, bob, ask } = await two();
      expect(await ask(ada, bob)).toBe("undefined");
      expect(await ask(bob, ada)).toBe("undefined");
      expect(world.events.filter((event) => event === "refuse ambiguous")).toHaveLength(2);
    });

    test("a log-out beside a second cookie clears the cookie, and ends both sessions of a table", async () => {
      const { world, ada, bob, ask } = await two();
      const { cookies } = await world.browser().get("/out", { cookies: [ada, bob] });
      expect(cookies.map((each) => each.split(";").slice(0, 2))).toEqual([
        [`${world.key}=`, " Max-Age=0"],
      ]);
      const users = stores.table === "none" ? ["ada", "bob"] : ["undefined", "undefined"];
      expect([await ask(ada), await ask(bob)]).toEqual(users);
      const drops = world.events.filter((event) => event.startsWith("drop "));
      expect(drops).toEqual(["drop asked", "drop asked"]);
    });

    test("a log-in beside a second cookie is the one session that is left of a table", async () => {
      const { world, ada, bob, ask } = await two();
      const { cookies } = await world.browser().get("/in", { cookies: [ada, bob] });
      expect(cookies).toHaveLength(1);
      const carl = cookies[0]?.split(";")[0] ?? "";
      expect(await ask(carl)).toBe("carl");
      if (stores.table !== "none") expect(await ask(ada, carl, bob)).toBe("carl");
      const settled = world.events.filter((event) => /^(?:drop|commit create)/.test(event));
      expect(settled.slice(-3)).toEqual(["drop log-in", "drop log-in", "commit create"]);
    });

    test("rubbish beside ours changes nothing, and rubbish alone opens nothing", async () => {
      const { world, ada, ask } = await two();
      const forged = `${ada.slice(0, -8)}AAAAAAAA`;
      expect(await ask(forged, ada)).toBe("ada");
      expect(await ask(ada, `${world.key}=`)).toBe("ada");
      expect(await ask(`${world.key}=${"x".repeat(4000)}`)).toBe("undefined");
      expect(await ask(`=${ada}`)).toBe("undefined");
      expect(await ask(ada.toUpperCase())).toBe("undefined");
      expect(world.errors).toEqual([]);
    });
  });
}
