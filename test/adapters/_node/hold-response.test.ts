import * as fs from "node:fs";
import type * as http from "node:http";
import type * as http2 from "node:http2";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { isGone } from "../../../src/adapters/_node/response-head.ts";
import { applyCommitResult, type CommitResult } from "../../../src/core/cookie/response-headers.ts";
import {
  body,
  connect,
  COOKIE,
  count,
  type Deferred,
  deferred,
  exchange,
  fetch2,
  hookOf,
  head,
  MADE,
  plain,
  request,
  serve,
  serve2,
  type TestHook,
  turns,
  hold,
} from "./hold-server.ts";

type Res = http.ServerResponse;

describe("applyOutcome", () => {
  function applied(given: Record<string, string>, outcome: CommitResult): Record<string, string> {
    const headers = new Headers(given);
    applyCommitResult(headers, outcome);
    return Object.fromEntries(headers);
  }

  test("a response with our cookie is never stored, whatever the handler set", () => {
    const headers = applied({ "cache-control": "public, max-age=60" }, MADE);
    expect(headers).toEqual({ "cache-control": "no-store", "set-cookie": COOKIE, vary: "Cookie" });
  });

  test("a response without our cookie is private, unless the handler says otherwise", () => {
    expect(applied({}, { setCookie: undefined })["cache-control"]).toBe("private, no-cache");
    const own = applied({ "cache-control": "public" }, { setCookie: undefined });
    expect(own).toEqual({ "cache-control": "public", vary: "Cookie" });
  });

  test.each([
    ["Accept", "Accept, Cookie"],
    ["Accept, cookie", "Accept, cookie"],
    ["*", "*"],
    ["Cookie2", "Cookie2, Cookie"],
    ["Accept,COOKIE ,Origin", "Accept,COOKIE ,Origin"],
  ])("the Vary %j becomes %j", (vary, expected) => {
    expect(applied({ vary }, MADE)["vary"]).toBe(expected);
  });

  test("the cookies of others stay", () => {
    const headers = new Headers([["set-cookie", "other=1"]]);
    applyCommitResult(headers, MADE);
    expect(headers.getSetCookie()).toEqual(["other=1", COOKIE]);
  });
});

const big = Buffer.alloc(2 * 1024 * 1024, "0123456789abcdef");
const here = fileURLToPath(import.meta.url);

const handlers: Readonly<Record<string, (res: Res) => unknown>> = {
  "a text": (res) => res.end("hello"),
  "a text in latin1": (res) => res.end("hé", "latin1"),
  nothing: (res) => res.end(),
  "a content-length": (res) => res.setHeader("Content-Length", 5).end("hello"),
  chunks: (res) => (res.write("a"), res.write(Buffer.from("b")), res.end("c")),
  "an empty chunk": (res) => (res.write(""), res.end("c")),
  "a flushed head": (res) => (res.flushHeaders(), res.end("c")),
  "a status": (res) => ((res.statusCode = 404), (res.statusMessage = "Gone Fishing"), res.end("x")),
  "204": (res) => res.writeHead(204).end(),
  "304": (res) => ((res.statusCode = 304), res.setHeader("ETag", '"1"').end()),
  "204 with a body": (res) => ((res.statusCode = 204), res.write("no"), res.end("body")),
  "a redirect": (res) => res.writeHead(302, { Location: "/next" }).end(),
  "writeHead with an object": (res) =>
    res.writeHead(201, { "X-A": "1", "X-B": ["2", "3"] }).end("x"),
  "writeHead over earlier headers": (res) =>
    res.setHeader("X-A", "0").writeHead(201, "Made", { "x-a": "1", "X-B": 2 }).end("x"),
  "writeHead with a flat array": (res) => res.writeHead(200, ["X-A", "1", "X-A", "2"]).end("x"),
  "writeHead with a reason and an array": (res) =>
    res.writeHead(200, "Fine", ["X-A", "1"]).end("x"),
  "writeHead with undefined and headers": (res) =>
    Reflect.apply(res.writeHead, res, [200, undefined, { "X-A": "1" }]).end("x"),
  trailers: (res) => {
    // Node refuses trailers without chunks.
    if (res.req.method === "HEAD") return res.end();
    res.setHeader("Trailer", "X-Sum");
    res.write("a");
    res.addTrailers({ "X-Sum": "1" });
    return res.end();
  },
  "a pipe": (res) => Readable.from([Buffer.from("a"), Buffer.from("b")]).pipe(res),
  "a file": (res) => fs.createReadStream(here).pipe(res),
  "2 MB in one go": (res) => res.end(big),
  "2 MB piped": (res) => Readable.from(slices(big)).pipe(res),
  "2 MB through pipeline": (res) => pipeline(Readable.from(slices(big)), res),
  "2 MB without regard for backpressure": (res) => {
    for (const slice of slices(big)) res.write(slice);
    res.end();
  },
  "an end twice": (res) => (res.end("a"), res.end()),
  "a corked response": (res) => (res.cork(), res.write("a"), res.uncork(), res.end("b")),
  "no date": (res) => ((res.sendDate = false), res.removeHeader("connection"), res.end("x")),
};

function* slices(from: Buffer, size = 64 * 1024): Generator<Buffer> {
  for (let at = 0; at < from.length; at += size) yield from.subarray(at, at + size);
}

describe.each([
  ["answers at once", () => MADE],
  ["answers later", () => new Promise<CommitResult>((done) => setImmediate(done, MADE))],
])("L14: a response whose commit %s", (_, commit) => {
  describe.each(["GET", "HEAD"])("the answer to a %s", (method) => {
    test.each(Object.entries(handlers))(
      "an answer with %s differs only by our headers",
      async (_name, handler) => {
        const hooks: TestHook[] = [];
        const port = await serve((req, res) => {
          if (req.url === "/held") {
            const hook = hookOf(commit);
            hooks.push(hook);
            hold(res, hook);
          }
          handler(res);
        });
        const held = await exchange(port, method, "/held");
        const bare = await exchange(port, method, "/bare");
        expect(plain(held) === plain(bare), head(held) + head(bare)).toBe(true);
        expect(count(held, `Set-Cookie: ${COOKIE}\r\n`)).toBe(1);
        expect(head(held)).toMatch(/^Cache-Control: no-store$/m);
        expect(hooks[0]?.commits).toBe(1);
        expect(hooks[0]?.failures).toEqual([]);
      },
    );
  });

  test("the handler's cookies stay beside ours, set before or given to writeHead", async () => {
    const shapes = [
      { "Set-Cookie": "b=1" },
      ["Set-Cookie", "b=1"],
      [["Set-Cookie", "b=1"]],
      { "set-cookie": ["b=1"] },
    ];
    for (const shape of shapes) {
      const port = await serve((_req, res) => {
        hold(res, hookOf(commit));
        res.setHeader("Set-Cookie", "a=1");
        Reflect.apply(res.writeHead, res, [200, shape]).end("x");
      });
      const answer = head(await exchange(port));
      // As in Node: what writeHead is given overrides what was set, and keeps its case.
      const [name] = /set-cookie/i.exec(JSON.stringify(shape)) ?? [];
      expect(answer.match(/^set-cookie: .*$/gim)).toEqual([`${name}: b=1`, `${name}: ${COOKIE}`]);
    }
  });

  test("L15: our cookie is not pushed into an array that the application shares", async () => {
    const shared = ["a=1"];
    const port = await serve((_req, res) => {
      hold(res, hookOf(commit));
      res.setHeader("Set-Cookie", shared).end("x");
    });
    expect(head(await exchange(port))).toContain(COOKIE);
    expect(shared).toEqual(["a=1"]);
  });

  test("arrays of pairs also replace earlier headers, and keep duplicates", async () => {
    const port = await serve((_req, res) => {
      hold(res, hookOf(commit));
      res.setHeader("X-A", "0");
      Reflect.apply(res.writeHead, res, [
        200,
        [
          ["X-A", "1"],
          ["x-a", "2"],
          ["X-B", 3],
        ],
      ]).end();
    });
    expect(head(await exchange(port)).match(/^x-.*$/gim)).toEqual(["x-a: 1", "x-a: 2", "X-B: 3"]);
  });

  test("two hooks on one response are two commits before one head", async () => {
    const hooks = [hookOf(commit), hookOf(() => ({ setCookie: "admin=1" }))];
    const port = await serve((_req, res) => {
      for (const hook of hooks) hold(res, hook);
      res.end("x");
    });
    const answer = await exchange(port);
    expect(answer.match(/^set-cookie: .*$/gim)).toEqual([
      `Set-Cookie: ${COOKIE}`,
      "Set-Cookie: admin=1",
    ]);
    expect(hooks.map((hook) => hook.commits)).toEqual([1, 1]);
  });

  test("two requests on one connection are each held and answered in order", async () => {
    const hooks: TestHook[] = [];
    const port = await serve((req, res) => {
      const hook = hookOf(commit);
      hooks.push(hook);
      hold(res, hook);
      res.end(`body of ${req.url}`);
    });
    const wire = connect(port, request("GET", "/1", "keep-alive"));
    await wire.until(/body of \/1/);
    wire.socket.write(request("GET", "/2"));
    const answer = await wire.all;
    expect(count(answer, `Set-Cookie: ${COOKIE}`)).toBe(2);
    expect(answer).toMatch(/body of \/1[^]*body of \/2$/);
    expect(hooks.map((hook) => hook.commits)).toEqual([1, 1]);
  });

  test("pipelined requests are answered in order", async () => {
    const port = await serve((req, res) => {
      hold(res, hookOf(commit));
      res.write("body of ");
      res.end(req.url);
    });
    const wire = connect(port, request("GET", "/1", "keep-alive") + request("GET", "/2"));
    expect(plain(await wire.all)).toMatch(/\/1\r\n0\r\n[^]*\/2\r\n0\r\n\r\n$/);
  });

  test("answers over HTTP/2 differ only by our headers", async () => {
    const shapes: readonly ((res: http2.Http2ServerResponse) => unknown)[] = [
      (res) => res.end("x"),
      (res) => (res.write("a"), res.write("b"), res.end("c")),
      (res) => res.writeHead(201, { "x-a": "1" }).end("x"),
      (res) =>
        Reflect.apply(res.writeHead, res, [201, ["set-cookie", "a=1", "set-cookie", "b=1"]]).end(),
      (res) => (Reflect.apply(Reflect.get(res, "flushHeaders"), res, []), res.end("x")),
      (res) => ((res.statusCode = 204), res.end()),
      (res) => ((res.statusCode = 304), res.end()),
      (res) => (res.addTrailers({ "x-sum": "1" }), res.write("a"), res.end()),
      (res) => Readable.from(slices(big)).pipe(res),
      (res) => pipeline(Readable.from(slices(big)), res),
      (res) => (res.end("a"), res.end("b")),
    ];
    const session = await serve2((req, res) => {
      if (req.method === "GET" && req.url.startsWith("/held")) hold(res, hookOf(commit));
      shapes[Number(req.url.split("/")[2])]?.(res);
    });
    for (const at of shapes.keys()) {
      const held = await fetch2(session, { ":path": `/held/${at}` });
      const bare = await fetch2(session, { ":path": `/bare/${at}` });
      const {
        "set-cookie": cookies = [],
        vary,
        "cache-control": cache,
        date: _1,
        ...rest
      } = held.headers;
      const { "set-cookie": bareCookies = [], date: _2, ...bareRest } = bare.headers;
      expect([at, cookies, vary, cache]).toEqual([
        at,
        [...bareCookies, COOKIE],
        "Cookie",
        "no-store",
      ]);
      expect(rest).toEqual(bareRest);
      expect(held.body === bare.body, `${at}: ${held.body.length} ${bare.body.length}`).toBe(true);
      expect(held.trailers).toEqual(bare.trailers);
    }
  });

  test("a wrapper installed before us and one after us both see the answer once", async () => {
    const seen: string[] = [];
    const port = await serve((_req, res) => {
      wrap(res, "inner", seen);
      hold(res, hookOf(commit));
      wrap(res, "outer", seen);
      res.write("a");
      res.end("b");
    });
    const answer = await exchange(port);
    expect(answer).toMatch(/^X-inner: 1\r$/m);
    expect(answer).toMatch(/^X-outer: 1\r$/m);
    expect(count(answer, `Set-Cookie: ${COOKIE}`)).toBe(1);
    expect(seen.toSorted()).toEqual([
      "inner end",
      "inner head",
      "inner write",
      "outer end",
      "outer head",
      "outer write",
    ]);
  });

  test("a wrapper that gives writeHead a cookie, or storage, when the head leaves does not win", async () => {
    const port = await serve((_req, res) => {
      hold(res, hookOf(commit));
      const { writeHead } = res;
      Object.assign(res, {
        writeHead: (status: number) =>
          Reflect.apply(writeHead, res, [
            status,
            { "Set-Cookie": "a=1", "Cache-Control": "public" },
          ]),
      });
      res.end("x");
    });
    const answer = await exchange(port);
    expect(answer.match(/^set-cookie: .*$/gim)).toEqual([
      "Set-Cookie: a=1",
      `Set-Cookie: ${COOKIE}`,
    ]);
    expect(answer).toMatch(/^Cache-Control: no-store\r$/m);
  });
});

/** As on-headers and compression do: the three functions, replaced on the response. */
function wrap(res: Res, name: string, seen: string[]): void {
  const { writeHead, write, end } = res;
  Object.assign(res, {
    writeHead(this: Res, ...args: readonly unknown[]) {
      seen.push(`${name} head`);
      if (!this.headersSent) this.setHeader(`X-${name}`, "1");
      return Reflect.apply(writeHead, this, args);
    },
    write(this: Res, ...args: readonly unknown[]) {
      seen.push(`${name} write`);
      if (!Reflect.get(this, "_header"))
        Reflect.apply(Reflect.get(this, "_implicitHeader"), this, []);
      return Reflect.apply(write, this, args);
    },
    end(this: Res, ...args: readonly unknown[]) {
      seen.push(`${name} end`);
      return Reflect.apply(end, this, args);
    },
  });
}

/** A server whose commits the test settles, one deferred for each request. */
async function held(
  handler: (res: Res, req: http.IncomingMessage) => unknown,
): Promise<{ port: number; hook: TestHook; commit: Deferred<CommitResult>; began: Promise<Res> }> {
  const commit = deferred<CommitResult>();
  const began = deferred<Res>();
  const hook = hookOf(() => commit.promise);
  const port = await serve((req, res) => {
    hold(res, hook);
    handler(res, req);
    began.resolve(res);
  });
  return { port, hook, commit, began: began.promise };
}

describe("L14: a response while its commit runs", () => {
  test("nothing leaves, however it was written", async () => {
    for (const handler of Object.values(handlers)) {
      const { port, commit, began } = await held(handler);
      const wire = connect(port, request());
      await began;
      await turns();
      expect(wire.now()).toBe("");
      commit.resolve(MADE);
      await wire.all;
      expect(count(wire.now(), `Set-Cookie: ${COOKIE}`)).toBe(1);
    }
  });

  test("a commit that answers at once costs no turn", async () => {
    let sent = false;
    const port = await serve((_req, res) => {
      hold(
        res,
        hookOf(() => MADE),
      );
      res.write("a");
      sent = res.headersSent;
      res.end();
    });
    await exchange(port);
    expect(sent).toBe(true);
  });

  test("the handler sees a response that was sent, and afterwards Node's own state", async () => {
    const { port, commit, began } = await held((res) => res.write("a"));
    const wire = connect(port, request());
    const res = await began;
    expect(res.headersSent).toBe(true);
    res.end("b");
    commit.resolve(MADE);
    await wire.all;
    expect([res.headersSent, res.writableEnded, res.writableFinished]).toEqual([true, true, true]);
  });

  test("the handler sees a response that was sent over HTTP/2", async () => {
    const commit = deferred<CommitResult>();
    const began = deferred<http2.Http2ServerResponse>();
    const session = await serve2((_req, res) => {
      hold(
        res,
        hookOf(() => commit.promise),
      );
      res.write("a");
      began.resolve(res);
    });
    const answer = fetch2(session);
    const res = await began.promise;
    expect(res.headersSent).toBe(true);
    res.end("b");
    commit.resolve(MADE);
    expect(await answer).toMatchObject({ status: 200, body: "ab" });
  });

  test("callbacks are called in order, after the commit", async () => {
    const seen: string[] = [];
    const { port, commit, began } = await held((res) => {
      res.write("a", () => seen.push("write"));
      res.write("b", "utf8", () => seen.push("write in utf8"));
      res.end("c", () => seen.push("end"));
    });
    const wire = connect(port, request());
    await began;
    await turns();
    expect(seen).toEqual([]);
    commit.resolve(MADE);
    await wire.all;
    expect(seen).toEqual(["write", "write in utf8", "end"]);
  });

  test("write gives true until 1 MB is held, then false, and drain follows once", async () => {
    const given: boolean[] = [];
    const { port, commit, began } = await held((res) => {
      for (let at = 0; at < 3; at += 1) given.push(res.write("é".repeat(256 * 1024)));
    });
    const wire = connect(port, request());
    const res = await began;
    expect(given).toEqual([true, false, false]);
    let drains = 0;
    res.on("drain", () => {
      drains += 1;
      res.end();
    });
    commit.resolve(MADE);
    await wire.all;
    expect(drains).toBe(1);
  });

  test("Node emits drain if Node asked for it too", async () => {
    const { port, commit, began } = await held((res) => expect(res.write(big)).toBe(false));
    const wire = connect(port, request());
    wire.socket.pause();
    const res = await began;
    let drains = 0;
    res.on("drain", () => (drains += 1));
    commit.resolve(MADE);
    await turns();
    const early = drains;
    wire.socket.resume();
    if (res.writableNeedDrain) await new Promise((done) => res.once("drain", done));
    await turns();
    expect([early <= 1, drains]).toEqual([true, 1]);
    res.end();
    await wire.all;
  });

  test("we emit drain if Node took everything", async () => {
    // The first chunk fills the hold, and an http1 response without a body takes all of it.
    const { port, commit, began } = await held((res) => {
      res.statusCode = 204;
      expect(res.write(big)).toBe(false);
    });
    const wire = connect(port, request());
    const res = await began;
    res.once("drain", () => res.end());
    commit.resolve(MADE);
    expect(await wire.all).toMatch(/^HTTP\/1.1 204/);
  });

  test("a pipe stops at 1 MB and goes on after the commit", async () => {
    let read = 0;
    const { port, commit, began } = await held((res) =>
      Readable.from(
        (function* () {
          for (const slice of slices(big)) {
            read += slice.length;
            yield slice;
          }
        })(),
      ).pipe(res),
    );
    const wire = connect(port, request());
    await began;
    await turns();
    await turns();
    expect(read).toBeGreaterThan(1024 * 1024 - 1);
    expect(read).toBeLessThan(2 * 1024 * 1024);
    commit.resolve(MADE);
    await wire.all;
    expect(read).toBe(big.length);
  });

  test("responses of 1xx pass", async () => {
    const { port, commit, began } = await held((res) => {
      res.writeContinue();
      res.writeProcessing();
      res.writeEarlyHints({ link: "</a.css>; rel=preload" });
      res.end("x");
    });
    const wire = connect(port, request());
    await began;
    expect(await wire.until(/103[^]*\r\n\r\n/)).toMatch(
      /^HTTP\/1.1 100 [^]*HTTP\/1.1 102 [^]*HTTP\/1.1 103 /,
    );
    expect(wire.now()).not.toContain("Set-Cookie");
    commit.resolve(MADE);
    expect(await wire.all).toMatch(/\r\n\r\nHTTP\/1.1 200 [^]*x$/);
  });

  test("a write after end is Node's error, once", async () => {
    const errors: unknown[] = [];
    const { port, commit, began } = await held((res) => {
      res.on("error", (error) => errors.push(error));
      res.end("a");
      res.write("b");
    });
    const wire = connect(port, request());
    await began;
    commit.resolve(MADE);
    expect(body(await wire.all)).toBe("a");
    expect(errors).toMatchObject([{ code: "ERR_STREAM_WRITE_AFTER_END" }]);
  });

  test("a client that goes away ends the response without an error", async () => {
    const { port, hook, commit, began } = await held((res) => res.end("x"));
    const wire = connect(port, request());
    const res = await began;
    const closed = new Promise((done) => res.once("close", done));
    wire.socket.destroy();
    await closed;
    expect(res.writableFinished).toBe(false);
    commit.resolve(MADE);
    await turns();
    expect([hook.commits, hook.failures]).toEqual([1, []]);
  });
});

describe("L14: a client that has gone is known at the commit", () => {
  const noting = (res: http.ServerResponse | http2.Http2ServerResponse, gone: boolean[]) =>
    hookOf(() => {
      gone.push(isGone(res));
      return MADE;
    });

  test.each(["destroy", "end"] as const)(
    "the commit knows it over HTTP/1.1 after %s",
    async (way) => {
      const gone: boolean[] = [];
      const done = deferred();
      const arrived = deferred();
      const port = await serve((_req, res) => {
        hold(res, noting(res, gone));
        res.once("close", () => {
          res.end("x");
          done.resolve();
        });
        arrived.resolve();
      });
      const wire = connect(port, request());
      await arrived.promise;
      wire.socket[way]();
      await done.promise;
      expect(gone).toEqual([true]);
    },
  );

  test("the commit knows it over HTTP/1.1 when Node has ended its side but not closed yet", async () => {
    const gone: boolean[] = [];
    const done = deferred();
    const arrived = deferred();
    const port = await serve((req, res) => {
      hold(res, noting(res, gone));
      req.socket.once("end", () => {
        expect(req.socket.destroyed).toBe(false);
        res.end("x");
        done.resolve();
      });
      arrived.resolve();
    });
    const wire = connect(port, request());
    await arrived.promise;
    wire.socket.end();
    await done.promise;
    expect(gone).toEqual([true]);
  });

  test.each(["destroy", "resetAndDestroy"] as const)(
    "the commit knows it after %s for a pipelined response that has no socket yet",
    async (way) => {
      const gone: boolean[] = [];
      const done = deferred();
      const port = await serve((req, res) => {
        if (req.url === "/1") return;
        hold(res, noting(res, gone));
        req.once("close", () => {
          expect(res.socket).toBe(null);
          res.end("x");
          done.resolve();
        });
        wire.socket[way]();
      });
      const wire = connect(port, request("GET", "/1", "keep-alive") + request("GET", "/2"));
      await done.promise;
      expect(gone).toEqual([true]);
    },
  );

  test.each(["stream", "session"])(
    "the commit knows it over HTTP/2 when the %s is closed",
    async (what) => {
      const gone: boolean[] = [];
      const done = deferred();
      const session = await serve2((_req, res) => {
        hold(res, noting(res, gone));
        res.once("close", () => {
          res.end("x");
          done.resolve();
        });
        if (what === "stream") stream.close(8);
        else session.destroy();
      });
      const stream = session.request({ ":path": "/" });
      stream.on("error", () => {});
      await done.promise;
      expect(gone).toEqual([true]);
    },
  );
});

test("L14: a response whose head has left already is left alone", async () => {
  const hook = hookOf(() => MADE);
  const port = await serve((_req, res) => {
    res.write("a");
    hold(res, hook);
    res.end("b");
  });
  expect(await exchange(port)).not.toContain("Set-Cookie");
  expect(hook.commits).toBe(0);
});

test("a status that Node refuses throws at the caller and commits nothing", async () => {
  const hook = hookOf(() => MADE);
  const port = await serve((_req, res) => {
    hold(res, hook);
    const call =
      (...args: readonly unknown[]) =>
      () =>
        Reflect.apply(res.writeHead, res, args);
    expect(call(9999)).toThrow(expect.objectContaining({ code: "ERR_HTTP_INVALID_STATUS_CODE" }));
    expect(hook.commits).toBe(0);
    res.end("x");
  });
  expect(await exchange(port)).toMatch(/^HTTP\/1.1 200 /);
  expect(hook.commits).toBe(1);
});

test("L21: util.inspect of a held response shows nothing of the session", async () => {
  const { inspect } = await import("node:util");
  const port = await serve((_req, res) => {
    hold(
      res,
      Object.assign(
        hookOf(() => MADE),
        { secret: "hidden-value" },
      ),
    );
    res.end(String(inspect(res, { depth: 9, showHidden: true }).includes("hidden-value")));
  });
  expect(await exchange(port)).toMatch(/false$/);
});
