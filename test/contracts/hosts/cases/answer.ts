import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Reply } from "../app.ts";
import { whole } from "../client.ts";
import { open, signal, thrownBy } from "../world.ts";
import type { Setting, World } from "../world.ts";

const BIG = Buffer.alloc(2 * 1024 * 1024, "0123456789abcdef");
const SUM = hash(BIG.toString("latin1"));

/** Every kind of answer carries the cookie, and is otherwise what the handler made. */
export function answerCases(setting: Setting): void {
  /** An application that puts a value, then gives one answer. */
  const answering = (reply: Reply | undefined): Promise<World> =>
    open(setting, ({ sessions }) => ({ conn, path }) => {
      if (path === "/read") return { body: String(sessions.getSession(conn, "user")) };
      sessions.putSession(conn, "user", "ada");
      return reply;
    });

  test.each<readonly [title: string, reply: Reply | undefined, status: number, body: string]>([
    ["a text", { body: "hello" }, 200, "hello"],
    ["another status", { status: 201, body: "made" }, 201, "made"],
    ["an error's status", { status: 422, body: "no" }, 422, "no"],
    ["a server error's status", { status: 503, body: "later" }, 503, "later"],
    ["no body", { status: 204 }, 204, ""],
    ["not modified", { status: 304 }, 304, ""],
    ["an empty text", { body: "" }, 200, ""],
    ["a redirect", { redirect: "/read" }, 302, expect.any(String) as string],
    ["a stream", { body: chunks("a", "b", "c") }, 200, "abc"],
    ["an empty stream", { body: chunks() }, 200, ""],
    ["the host's own 404", undefined, 404, expect.any(String) as string],
  ])("%s carries the cookie", async (_title, reply, status, body) => {
    const world = await answering(reply);
    const browser = world.browser();
    const answer = await browser.get("/put");
    expect(answer).toMatchObject({ status, body });
    expect(answer.cookies).toHaveLength(1);
    expect((await browser.get("/read")).body).toBe("ada");
    expect(world.errors).toEqual([]);
  });

  test("HEAD carries the cookie, and no body", async () => {
    const world = await answering({ body: "hello", headers: { "X-Handler": "1" } });
    const browser = world.browser();
    const answer = await browser.get("/put", { method: "HEAD" });
    expect(answer).toMatchObject({ status: 200, body: "", headers: { "x-handler": "1" } });
    expect((await browser.get("/read")).body).toBe("ada");
  });

  test("a stream of 2 MB arrives whole", async () => {
    const parts = Array.from({ length: 32 }, (_, at) =>
      BIG.subarray(at * 65_536, (at + 1) * 65_536),
    );
    const browser = (await answering({ body: chunks(...parts) })).browser();
    const answer = await browser.get("/put");
    expect(hash(answer.body)).toBe(SUM);
    expect((await browser.get("/read")).body).toBe("ada");
  });

  test("a file of 2 MB arrives whole", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sojourn-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, "big.txt");
    await writeFile(file, BIG);
    const browser = (await answering({ file })).browser();
    const answer = await browser.get("/put");
    expect(hash(answer.body)).toBe(SUM);
    expect((await browser.get("/read")).body).toBe("ada");
  });

  test("headers and cookies of the handler stay beside ours", async () => {
    const headers = { "Set-Cookie": ["a=1; Path=/", "b=2"], Vary: "Accept", "X-Handler": "1" };
    const world = await answering({ status: 202, headers, body: "hello" });
    const answer = await world.browser().get("/put");
    expect(answer.cookies).toEqual([
      "a=1; Path=/",
      "b=2",
      expect.stringMatching(new RegExp(`^${world.key}=`)),
    ]);
    expect(answer.headers).toMatchObject({ "x-handler": "1", vary: "Accept, Cookie" });
  });

  test("a cache's headers are refused for our cookie, and for what was made from the session", async () => {
    const world = await open(setting, ({ sessions }) => ({ conn, path }) => {
      if (path === "/put" || path === "/put/public") sessions.putSession(conn, "user", "ada");
      else if (path !== "/static") sessions.getSession(conn);
      const mine = { "Cache-Control": "public, max-age=60" };
      return { body: "hello", headers: path.endsWith("public") ? mine : {} };
    });
    const headers = async (path: string) => {
      const { headers } = await world.browser().get(path);
      return [headers["cache-control"], headers["vary"]];
    };
    expect(await headers("/put")).toEqual(["no-store", "Cookie"]);
    expect(await headers("/put/public")).toEqual(["no-store", "Cookie"]);
    expect(await headers("/get")).toEqual(["private, no-cache", "Cookie"]);
    expect(await headers("/get/public")).toEqual(["public, max-age=60", "Cookie"]);
    expect(await headers("/static")).toEqual([undefined, undefined]);
  });

  test("a write after the head has left is an error to the handler, and changes nothing", async () => {
    const read = signal();
    const late: string[] = [];
    const world = await open(setting, ({ sessions }) => ({ conn, path }) => {
      if (path === "/read") return { body: JSON.stringify(sessions.getSession(conn)) };
      sessions.putSession(conn, "user", "ada");
      return {
        body: (async function* () {
          yield "first ";
          await read.given;
          late.push(thrownBy(() => sessions.putSession(conn, "n", 1)));
          late.push(thrownBy(() => sessions.dropSession(conn)));
          late.push(String(sessions.getSession(conn, "user")));
          yield "last";
        })(),
      };
    });
    const browser = world.browser();
    const exchange = browser.ask("/put");
    const head = await exchange.head;
    head.body.once("data", read.give);
    const answer = await whole(exchange);
    expect(answer.body).toBe("first last");
    expect(late).toEqual(["ERR_SESSION_COMMITTED", "ERR_SESSION_COMMITTED", "ada"]);
    const cookie = answer.cookies[0]?.split(";")[0] ?? "";
    expect((await browser.get("/read", { cookies: [cookie] })).body).toBe('{"user":"ada"}');
  });

  test("a first look after the head has left may read, and not write", async () => {
    const read = signal();
    const late: string[] = [];
    const world = await open(setting, ({ sessions }) => ({ conn, path }) => {
      if (path === "/put") sessions.putSession(conn, "user", "ada");
      if (path !== "/late") return { body: JSON.stringify(sessions.getSession(conn)) };
      return {
        body: (async function* () {
          yield "first ";
          await read.given;
          late.push(String(sessions.getSession(conn, "user")));
          late.push(thrownBy(() => sessions.putSession(conn, "n", 1)));
          yield "last";
        })(),
      };
    });
    const browser = world.browser();
    await browser.get("/put");
    const exchange = browser.ask("/late");
    (await exchange.head).body.once("data", read.give);
    expect(await whole(exchange)).toMatchObject({ body: "first last", cookies: [] });
    expect(late).toEqual(["ada", "ERR_SESSION_COMMITTED"]);
    expect((await browser.get("/read")).body).toBe('{"user":"ada"}');
  });

  describe.runIf(setting.stores.table === "later")("while the store is at work", () => {
    test.each<readonly [string, Reply]>([
      ["a redirect", { redirect: "/read" }],
      ["a text", { body: "hello" }],
      ["a stream", { body: chunks("hello") }],
    ])("the answer with %s waits for it", async (_title, reply) => {
      const world = await answering(reply);
      const written = signal();
      const release = signal();
      if (world.table) {
        world.table.onWrite = written.give;
        world.table.until = release.given;
      }
      const browser = world.browser();
      const exchange = browser.ask("/put");
      let arrived = false;
      const head = exchange.head.then(() => (arrived = true));
      await written.given;
      // What could have left would be here by the time that another request is answered.
      await world.browser().get("/read");
      expect(arrived).toBe(false);
      release.give();
      await head;
      const [cookie = ""] = (await whole(exchange)).cookies;
      const read = await browser.get("/read", { cookies: [cookie.split(";")[0] ?? ""] });
      expect(read.body).toBe("ada");
    });
  });
}

async function* chunks<T extends string | Uint8Array>(...all: readonly T[]): AsyncIterable<T> {
  yield* all;
}

function hash(text: string): string {
  return createHash("sha256").update(text, "latin1").digest("hex");
}
