/** L16: when Node's two protocols send a head, at whose session nobody has looked by then. */
import * as http from "node:http";
import * as http2 from "node:http2";
import { describe, expect, test } from "vitest";
import { session } from "../../../src/adapters/node.ts";
import { createSessions } from "../../../src/core/sessions.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { start, thrownBy } from "../../contracts/hosts/world.ts";

interface Tools {
  readonly look: () => unknown;
  readonly put: () => unknown;
  readonly note: (text: string) => void;
}
type Res = http.ServerResponse;
type Handler = (res: Res, tools: Tools) => void;

const tick = (): Promise<void> => new Promise((done) => setImmediate(done));

/** What a signed-in browser is answered, and what the handler has noted. */
async function answerTo(protocol: "http/1.1" | "http/2", handler: Handler) {
  const sessions = createSessions<{ user: string }>({
    store: tableStore({ table: createTable() }),
    key: "sid",
  });
  const notes: string[] = [];
  const listener = session(sessions, (req, res) => {
    const put = (): void => sessions.putSession(req, "user", "ada");
    if (req.url === "/login") {
      put();
      res.end();
      return;
    }
    const look = (): unknown => sessions.getSession(req, "user");
    handler(res, { look, put, note: (text) => void notes.push(text) });
  });
  const server =
    protocol === "http/2"
      ? http2.createServer(listener as unknown as (req: http2.Http2ServerRequest) => void)
      : http.createServer(listener);
  const { browser } = await start(server, protocol);
  const ada = browser();
  await ada.get("/login");
  const { status, body, headers } = await ada.get("/");
  return { status, body, cache: headers["cache-control"], vary: headers["vary"], notes, headers };
}

const PRIVATE = { cache: "private, no-cache", vary: "Cookie" };
const UNTOUCHED = { cache: undefined, vary: undefined };

describe.each(["http/1.1", "http/2"] as const)("L16: over %s", (protocol) => {
  test.each<[string, Handler]>([
    ["end alone", (res) => res.end("page")],
    ["writeHead and end", (res) => res.writeHead(200, { "X-Own": "1" }).end("page")],
    ["an end without a body", (res) => (res.writeHead(204), res.end())],
    [
      "a Content-Length",
      (res) => (res.writeHead(200, { "Content-Length": 4 }), res.write("page"), res.end()),
    ],
  ])("a head that comes with %s has no header of ours", async (_, handler) => {
    expect(await answerTo(protocol, handler)).toMatchObject(UNTOUCHED);
  });

  test.each<[string, Handler]>([
    ["write", (res) => (res.write("pa"), res.end("ge"))],
    [
      "writeHead and write",
      (res) => (res.writeHead(200, { "X-Own": "1" }), res.write("pa"), res.end("ge")),
    ],
    ["flushHeaders", (res) => (res.flushHeaders(), res.end("page"))],
    [
      "writeHead and flushHeaders",
      (res) => (res.writeHead(200), res.flushHeaders(), void tick().then(() => res.end("page"))),
    ],
    [
      "writeHead alone, and a look in the same tick",
      (res, { look }) => (res.writeHead(200), look(), res.end("page")),
    ],
    [
      "headers as a list",
      (res) => (res.writeHead(200, ["X-Own", "1"]), res.write("page"), res.end()),
    ],
  ])("a head that comes with %s is private", async (_, handler) => {
    const answer = await answerTo(protocol, handler);
    expect(answer).toMatchObject({ ...PRIVATE, status: 200, body: "page" });
  });

  test("a look between writeHead and the body makes the head private, and a write is refused", async () => {
    const answer = await answerTo(protocol, (res, { put, note }) => {
      res.writeHead(200, { Vary: "Accept" });
      note(`${res.headersSent} ${thrownBy(put)}`);
      note(thrownBy(() => res.setHeader("X-Late", "1")));
      note(thrownBy(() => res.writeHead(500)));
      res.end("page");
    });
    expect(answer).toMatchObject({
      status: 200,
      cache: "private, no-cache",
      vary: "Accept, Cookie",
    });
    expect(answer.notes[0]).toBe("true ERR_SESSION_COMMITTED");
    for (const note of answer.notes.slice(1)) expect(note).not.toBe("nothing");
    expect(answer.headers).not.toHaveProperty("x-late");
  });

  test("a head that Node refuses is refused at the same call, and ends nothing", async () => {
    const answer = await answerTo(protocol, (res, { note }) => {
      note(thrownBy(() => res.writeHead(200, { "not a name": "1" })));
      res.end("page");
    });
    expect(answer).toMatchObject({ status: 200, body: "page" });
    expect(answer.notes).not.toEqual(["nothing"]);
  });

  test("a body that comes later than its head arrives whole", async () => {
    const answer = await answerTo(protocol, (res, { look }) => {
      res.writeHead(200, { "Content-Type": "text/plain" });
      const later = async (): Promise<void> => {
        await tick();
        res.write("one ");
        await tick();
        res.write(`${String(look())} `);
        res.end("two");
      };
      void later();
    });
    expect(answer).toMatchObject({ ...PRIVATE, body: "one ada two" });
    expect(answer.headers["content-type"]).toBe("text/plain");
  });
});
