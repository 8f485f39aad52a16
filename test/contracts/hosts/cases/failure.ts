import { describe, expect, test, vi } from "vitest";
import type { Incoming, Reply } from "../app.ts";
import { whole } from "../client.ts";
import { codeOf, open, signal, thrownBy } from "../world.ts";
import type { Setting, World } from "../world.ts";

interface Failure {
  readonly title: string;
  readonly code: string;
  /** What is put. */
  readonly text: string;
  readonly writes: "answered" | "failing" | "hanging";
}

/** What throws, and what fails: the client gets one answer, the next request is served. */
export function failureCases(setting: Setting): void {
  const { table } = setting.stores;

  describe.each(["at once", "later"])("a handler that throws %s", (when) => {
    const throwing = (act: (world: Pick<World, "sessions">, conn: Incoming["conn"]) => void) =>
      open(setting, ({ sessions }) => ({ conn, path }) => {
        if (path === "/read") return { body: JSON.stringify(sessions.getSession(conn)) };
        const run = (): Reply => {
          act({ sessions }, conn);
          throw new Error("boom");
        };
        return when === "later" ? Promise.resolve().then(run) : run();
      });

    test("an error before the write gives no cookie", async () => {
      const world = await throwing(() => {});
      const browser = world.browser();
      const answer = await browser.get("/");
      expect(answer).toMatchObject({ status: 500, body: "boom", cookies: [] });
      expect(world.calls.all).toBe(0);
      expect((await browser.get("/read")).body).toBe("{}");
    });

    test("an error in the middle keeps what was written before", async () => {
      const world = await throwing(({ sessions }, conn) => {
        sessions.putSession(conn, "user", "ada");
        sessions.updateSession(conn, "n", () => {
          throw new Error("bang");
        });
      });
      const browser = world.browser();
      expect(await browser.get("/")).toMatchObject({ status: 500, body: "bang" });
      expect((await browser.get("/read")).body).toBe('{"user":"ada"}');
    });

    test("an error after the write keeps what was written", async () => {
      const world = await throwing(({ sessions }, conn) =>
        sessions.putSession(conn, "user", "ada"),
      );
      const browser = world.browser();
      const answer = await browser.get("/");
      expect(answer).toMatchObject({ status: 500, body: "boom" });
      expect(answer.cookies).toHaveLength(1);
      expect(answer.headers["cache-control"]).toBe("no-store");
      expect((await browser.get("/read")).body).toBe('{"user":"ada"}');
      expect(world.errors).toHaveLength(1);
    });
  });

  test.each([
    ["before a look", false],
    ["after a look", true],
  ])(
    "L14: the host's error handler reads the session, and no write of it is lost, %s",
    async (_when, looks) => {
      const seen: string[] = [];
      const world = await open(setting, ({ sessions }) => ({
        handle({ conn, path }) {
          if (path === "/put") sessions.putSession(conn, "user", "ada");
          if (path === "/boom" && looks) sessions.getSession(conn, "user");
          if (path === "/boom") throw new Error("boom");
          return { body: JSON.stringify(sessions.getSession(conn)) };
        },
        onError(error, { conn, exposed }) {
          const own = exposed("session") as { get(key: string): unknown } | undefined;
          seen.push(
            codeOf(error),
            thrownBy(() => sessions.putSession(conn, "n", 1)),
          );
          const shown = setting.driver.exposes
            ? own?.get("user")
            : sessions.getSession(conn, "user");
          return { status: 500, body: String(shown) };
        },
      }));
      const browser = world.browser();
      await browser.get("/put");
      expect(await browser.get("/boom")).toMatchObject({ status: 500, body: "ada" });
      // h3 2 calls its onError when all middleware is done.
      const isLate = setting.driver.name.startsWith("h3 2");
      expect(seen).toEqual(["boom", isLate ? "ERR_SESSION_COMMITTED" : "nothing"]);
      const kept = isLate ? '{"user":"ada"}' : '{"user":"ada","n":1}';
      expect((await browser.get("/read")).body).toBe(kept);
    },
  );

  const broken = "a body that breaks off is broken off for the client, and its session is kept";
  test.skipIf(setting.driver.except?.[broken])(broken, async () => {
    const silent = vi.spyOn(console, "error").mockImplementation(() => {});
    const read = signal();
    const world = await open(setting, ({ sessions }) => ({ conn, path }) => {
      if (path === "/read") return { body: JSON.stringify(sessions.getSession(conn)) };
      sessions.putSession(conn, "user", "ada");
      return {
        body: (async function* () {
          yield "first ";
          await read.given;
          throw new Error("boom");
        })(),
      };
    });
    const browser = world.browser();
    const exchange = browser.ask("/");
    const { status, headers, body } = await exchange.head;
    body.once("data", read.give);
    expect(status).toBe(200);
    await expect(whole(exchange)).rejects.toThrow();
    const cookie = headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
    expect((await world.browser().get("/read", { cookies: [cookie] })).body).toBe('{"user":"ada"}');
    silent.mockRestore();
  });

  const kept: Failure = {
    title: "the table fails",
    code: "ERR_SESSION_STORE",
    text: "x",
    writes: "failing",
  };
  const failures: Record<typeof table, readonly Failure[]> = {
    none: [
      {
        title: "the cookie is too large",
        code: "ERR_SESSION_COOKIE_OVERFLOW",
        text: "x".repeat(5000),
        writes: "answered",
      },
    ],
    "at once": [kept],
    later: [kept, { ...kept, title: "the table never answers", writes: "hanging" }],
  };

  describe.each(failures[table])("when $title", ({ code, text, writes }) => {
    const timeout = writes === "hanging" ? 0.1 : 10;
    /** What the handler's answer looked like: nothing of it may be seen. */
    const reply: Reply = {
      status: 201,
      headers: { "X-Handler": "1", "Set-Cookie": ["other=1"], "Content-Type": "text/handler" },
      body: "the handler's",
    };
    const failing = (answer: Reply): Promise<World> =>
      open(
        setting,
        ({ sessions }) =>
          ({ conn, path }) => {
            if (path === "/put") sessions.putSession(conn, "user", "ada");
            if (path === "/fail") sessions.putSession(conn, "text", text);
            if (path === "/drop") sessions.dropSession(conn);
            if (path === "/fail") return answer;
            return { body: JSON.stringify(sessions.getSession(conn)) };
          },
        { timeout },
      );
    const steer = ({ table }: World, how: typeof writes): void => {
      if (!table) return;
      table.writes = how;
      table.reads = how === "hanging" ? how : "answered";
    };

    test.each<readonly [string, () => Reply]>([
      ["a text", () => reply],
      ["a stream", () => ({ ...reply, body: many("the handler's ", 100) })],
      ["a redirect", () => ({ ...reply, redirect: "/there" })],
    ])("%s gives way to the host's own error answer, once", async (_title, answering) => {
      const world = await failing(answering());
      steer(world, writes);
      const browser = world.browser();
      const answer = await browser.get("/fail");
      expect(answer).toMatchObject({ status: 500, body: code, cookies: [] });
      expect(answer.headers).not.toHaveProperty("x-handler");
      expect(answer.headers).not.toHaveProperty("location");
      expect(answer.headers["content-type"] ?? "").not.toContain("handler");
      expect(world.errors.map(codeOf)).toEqual([code]);

      steer(world, "answered");
      expect(await browser.get("/put")).toMatchObject({ status: 200, body: '{"user":"ada"}' });
    });

    test("the stored session stays as it was, and so does the browser's cookie", async () => {
      const world = await failing(reply);
      const browser = world.browser();
      await browser.get("/put");
      if (writes === "hanging" && world.table) {
        // Only the write is without an answer: the request got as far as that.
        world.table.onWrite = () => steer(world, writes);
      } else steer(world, writes);
      expect(await browser.get("/fail")).toMatchObject({ status: 500, body: code, cookies: [] });
      if (world.table) world.table.onWrite = () => {};
      steer(world, "answered");
      expect((await browser.get("/read")).body).toBe('{"user":"ada"}');
    });

    test.runIf(table !== "none")("a log-out is the error, and leaves the cookie", async () => {
      const world = await failing(reply);
      const browser = world.browser();
      await browser.get("/put");
      steer(world, writes === "hanging" ? "failing" : writes);
      expect(await browser.get("/drop")).toMatchObject({ status: 500, body: code, cookies: [] });
      steer(world, "answered");
      expect((await browser.get("/read")).body).toBe('{"user":"ada"}');
    });

    test("the error page may read the session, and not write it", async () => {
      const seen: string[] = [];
      const world = await open(
        setting,
        ({ sessions }) => ({
          handle({ conn }) {
            sessions.putSession(conn, "text", text);
            return reply;
          },
          onError(error, { conn }) {
            seen.push(
              codeOf(error),
              thrownBy(() => sessions.putSession(conn, "n", 1)),
            );
            return { status: 500, body: String(sessions.getSession(conn, "text")?.length) };
          },
        }),
        { timeout },
      );
      steer(world, writes);
      const answer = await world.browser().get("/");
      expect(answer).toMatchObject({ status: 500, body: String(text.length), cookies: [] });
      expect(seen).toEqual([code, "ERR_SESSION_COMMITTED"]);
    });

    test("a handler that threw before does not keep the client waiting", async () => {
      const world = await open(
        setting,
        ({ sessions }) =>
          ({ conn, path }) => {
            if (path === "/static") return { body: "static" };
            sessions.putSession(conn, "text", text);
            throw new Error("boom");
          },
        { timeout },
      );
      steer(world, writes);
      const answer = await world.browser().get("/");
      expect(answer).toMatchObject({ status: 500, cookies: [] });
      expect((await world.browser().get("/static")).body).toBe("static");
    });
  });
}

async function* many(text: string, times: number): AsyncIterable<string> {
  for (let at = 0; at < times; at += 1) yield text;
}
