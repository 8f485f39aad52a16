import * as fs from "node:fs";
import type * as http from "node:http";
import type { Http2ServerResponse } from "node:http2";
import { PassThrough, pipeline as pipelineWith, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { createGzip } from "node:zlib";
import express from "express";
import express4 from "express4";
import { describe, expect, test } from "vitest";
import type { CommitResult } from "../../../src/core/cookie/response-headers.ts";
import type { Awaitable } from "../../../src/core/awaitable.ts";
import {
  answer500,
  body,
  connect,
  COOKIE,
  count,
  deferred,
  exchange,
  fetch2,
  hookOf,
  MADE,
  request,
  serve,
  serve2,
  type TestHook,
  turns,
  hold,
} from "./hold-server.ts";

type Res = http.ServerResponse;

const broken = new Error("store is down");
const big = Buffer.alloc(2 * 1024 * 1024, "handler ");
const here = fileURLToPath(import.meta.url);

async function after(before: Promise<unknown>, task: () => unknown): Promise<void> {
  await before;
  await task();
}

function* slices(from: Buffer, size = 64 * 1024): Generator<Buffer> {
  for (let at = 0; at < from.length; at += size) yield from.subarray(at, at + size);
}

/** Every body of these says "handler", every header is an X-Handler. */
const handlers: Readonly<Record<string, (res: Res | Http2ServerResponse) => unknown>> = {
  end: (res) => Reflect.apply(res.end, res, ["handler"]),
  "end without a body": (res) => res.end(),
  "write and end in one turn": (res) => {
    res.setHeader("X-Handler", "1");
    res.setHeader("Content-Length", 99);
    res.setHeader("Set-Cookie", "handler=1");
    if (!("stream" in res)) res.setHeader("Connection", "close");
    res.setHeader("Date", "handler");
    res.statusCode = 201;
    Reflect.apply(res.write, res, ["handler"]);
    Reflect.apply(res.write, res, ["handler"]);
    Reflect.apply(res.end, res, ["handler"]);
  },
  "writeHead and end": (res) => {
    res.writeHead(201, { "X-Handler": "1", "Transfer-Encoding": "chunked" }).end("handler");
  },
  "writeHead to 204": (res) => res.writeHead(204).end(),
  "a flushed head": (res) => {
    Reflect.apply(Reflect.get(res, "flushHeaders"), res, []);
    Reflect.apply(res.end, res, ["handler"]);
  },
  "an end twice": (res) => {
    Reflect.apply(res.end, res, ["handler"]);
    Reflect.apply(res.end, res, ["handler"]);
  },
  trailers: (res) => {
    res.setHeader("Trailer", "X-Handler");
    res.addTrailers({ "X-Handler": "1" });
    Reflect.apply(res.write, res, ["handler"]);
    res.end();
  },
  "a pipe": (res) => Readable.from(slices(big)).pipe(res),
  "a pipe of a file": (res) => fs.createReadStream(here, { highWaterMark: 512 }).pipe(res),
  "a pipe through a transform": (res) => Readable.from(slices(big)).pipe(createGzip()).pipe(res),
  pipeline: (res) => pipeline(Readable.from(slices(big)), res),
  // A source that is slower than the error's answer: to pipeline, the response closes too early.
  "pipeline of a file": (res) =>
    pipeline(fs.createReadStream(here, { highWaterMark: 512 }), res).catch(() => {}),
  "pipeline of a generator": (res) => pipeline(slices(big), res),
  "pipeline with a callback": (res) =>
    pipelineWith(Readable.from(slices(big)), new PassThrough(), res, () => {}),
  "a loop that waits for drain": async (res) => {
    for (const slice of slices(big)) {
      if (!Reflect.apply(res.write, res, [slice]))
        await new Promise<void>((done) => res.once("drain", done));
    }
    res.end();
  },
  "writes in later turns": async (res) => {
    for (let at = 0; at < 20; at += 1) {
      Reflect.apply(res.write, res, ["handler"]);
      await new Promise((done) => setImmediate(done));
    }
    Reflect.apply(res.end, res, ["handler"]);
  },
};

const ways: readonly (readonly [string, () => Awaitable<CommitResult>])[] = [
  [
    "throws",
    () => {
      throw broken;
    },
  ],
  ["rejects at once", () => Promise.reject(broken)],
  ["rejects later", () => new Promise((_, failed) => setImmediate(failed, broken))],
  ["rejects much later", () => turns().then(() => Promise.reject(broken))],
];

describe.each(ways)("L14: when the commit %s", (_way, commit) => {
  describe.each(["at once", "later"])("a host that answers %s", (pace) => {
    const answer = (res: Res | Http2ServerResponse) => (error: unknown) => {
      if (pace === "at once") answer500(res)(error);
      else void after(turns(), () => answer500(res)(error));
    };

    test.each(Object.entries(handlers))(
      "nothing of the handler leaves over HTTP/1.1: %s",
      async (name, handler) => {
        const hooks: TestHook[] = [];
        const port = await serve((_req, res) => {
          const hook = hookOf(commit, answer(res));
          hooks.push(hook);
          hold(res, hook);
          void handler(res);
        });
        const wire = connect(port, request("GET", "/1", "keep-alive"));
        const first = await wire.until(/store is down/);
        expect(first).toMatch(/^HTTP\/1.1 500 Internal Server Error\r\n/);
        expect(first).not.toMatch(/handler/i);
        expect(first).toMatch(/^Date: \w{3}, /m);
        // Node forgets to count once a handler's own Content-Length was removed.
        const framing =
          name === "write and end in one turn" ? /chunked/ : /^Content-Length: 13\r$/m;
        expect(first).toMatch(framing);
        await turns();
        // The connection is as good as before.
        wire.socket.write(request("GET", "/2"));
        const all = await wire.all;
        expect(count(all, "HTTP/1.1 500 ")).toBe(2);
        expect(all).not.toMatch(/handler/i);
        expect(hooks.map((hook) => [hook.commits, hook.failures])).toEqual([
          [1, [broken]],
          [1, [broken]],
        ]);
      },
    );

    // The trailers of an HTTP/2 response cannot be taken back.
    test.each(Object.entries(handlers).filter(([name]) => name !== "trailers"))(
      "nothing of the handler leaves over HTTP/2: %s",
      async (name, handler) => {
        let hook: TestHook | undefined;
        const session = await serve2((_req, res) => {
          hook = hookOf(commit, answer(res));
          hold(res, hook);
          void handler(res);
        });
        const found = await fetch2(session);
        expect(found).toMatchObject({ status: 500, body: "store is down" });
        const { date, ...headers } = found.headers;
        if (!name.startsWith("write and end")) expect(date).toMatch(/^\w{3}, /);
        expect(JSON.stringify([headers, found.trailers ?? {}])).not.toMatch(/handler/i);
        await turns();
        expect(hook?.failures).toEqual([broken]);
      },
    );
  });

  test.each(["a pipe of a file", "pipeline of a file", "a head, then pipeline of a file"])(
    "a host that answers in several steps is not disturbed by %s",
    async (name) => {
      const ended = deferred();
      const port = await serve((_req, res) => {
        const fail = (error: unknown): void => {
          res.statusCode = 500;
          // All that the handler's source still has to say is said before the answer.
          void after(ended.promise, () => after(turns(), () => answer500(res)(error)));
        };
        hold(res, hookOf(commit, fail));
        if (name.startsWith("a head")) res.flushHeaders();
        const file = fs.createReadStream(here, { highWaterMark: 512 });
        file.once("end", () => ended.resolve());
        if (name === "a pipe of a file") file.pipe(res);
        else pipeline(file, res).catch(() => {});
      });
      expect(await exchange(port)).toMatch(/^HTTP\/1.1 500 [^]*\r\n\r\nstore is down$/);
    },
  );

  test("a loop that waits for drain comes to its end", async () => {
    const ended = deferred();
    const port = await serve((_req, res) => {
      hold(res, hookOf(commit, answer500(res)));
      void Promise.resolve(handlers["a loop that waits for drain"]?.(res)).then(() =>
        ended.resolve(),
      );
    });
    await exchange(port);
    await ended.promise;
  });

  test("trailers of the handler do not follow an answer in chunks", async () => {
    const port = await serve((_req, res) => {
      const fail = (): void => {
        res.writeHead(500).write("sorry");
        res.end();
      };
      hold(res, hookOf(commit, fail));
      handlers["trailers"]?.(res);
    });
    expect(await exchange(port)).toMatch(/\r\n5\r\nsorry\r\n0\r\n\r\n$/);
  });

  test("the response stays sent to the handler until the host answers", async () => {
    const seen: unknown[] = [];
    const port = await serve((_req, res) => {
      const fail = (error: unknown): void => {
        seen.push(res.headersSent, res.statusMessage, res.getHeaders());
        answer500(res)(error);
      };
      hold(res, hookOf(commit, fail));
      res.writeHead(201, "Handled").end("handler");
      seen.push(res.headersSent);
    });
    await exchange(port);
    expect(seen).toEqual([true, false, "", {}]);
  });

  test("an empty answer over HTTP/2 is an answer", async () => {
    const session = await serve2((_req, res) => {
      const fail = (): void => {
        res.statusCode = 500;
        res.end();
      };
      hold(res, hookOf(commit, fail));
      res.end("handler");
    });
    expect(await fetch2(session)).toMatchObject({ status: 500, body: "" });
  });

  test("the callbacks of dropped calls get the error", async () => {
    const seen: unknown[] = [];
    const port = await serve((_req, res) => {
      hold(res, hookOf(commit, answer500(res)));
      res.write("a", (error) => seen.push(error));
      Reflect.apply(res.end, res, ["b", (error: unknown) => seen.push(error)]);
    });
    await exchange(port);
    expect(seen).toEqual([broken, broken]);
  });

  test("the error answer is not committed again, has no cookie of ours, and is private", async () => {
    const port = await serve((_req, res) => {
      hold(res, hookOf(commit, answer500(res)));
      res.end("handler");
    });
    const answer = await exchange(port);
    expect(answer).not.toMatch(/set-cookie/i);
    expect(answer).toMatch(/^Vary: Cookie\r$/m);
    expect(answer).toMatch(/^Cache-Control: private, no-cache\r$/m);
  });

  test("a host without an answer of its own may still answer 200, empty or bare", async () => {
    const port = await serve((_req, res) => {
      hold(
        res,
        hookOf(commit, () => setImmediate(() => res.end("bare"))),
      );
      res.end("handler");
    });
    expect(await exchange(port)).toMatch(/^HTTP\/1.1 200 OK\r\n[^]*bare$/);
  });

  test("a host may answer with a stream", async () => {
    const port = await serve((_req, res) => {
      hold(
        res,
        hookOf(commit, () => void Readable.from(["an ", "error"]).pipe(res)),
      );
      Readable.from(slices(big)).pipe(res);
    });
    expect(await exchange(port)).toMatch(/3\r\nan \r\n5\r\nerror\r\n0\r\n\r\n$/);
  });

  test("a host that fails to answer closes the connection", async () => {
    const port = await serve((_req, res) => {
      hold(
        res,
        hookOf(commit, () => {
          throw new Error("no answer");
        }),
      );
      res.end("handler");
    });
    expect(await exchange(port)).toBe("");
  });

  test("a wrapper that took the handler's end for the end does not swallow the error answer", async () => {
    const port = await serve((_req, res) => {
      hold(res, hookOf(commit, answer500(res)));
      compress(res);
      res.write("handler");
      res.end("handler");
    });
    expect(await exchange(port)).toMatch(/^HTTP\/1.1 500 [^]*\r\nstore is down\r\n/);
  });

  test("a wrapper from before us sees only the error answer", async () => {
    const port = await serve((_req, res) => {
      compress(res);
      hold(res, hookOf(commit, answer500(res)));
      res.write("handler");
      res.end("handler");
    });
    const answer = await exchange(port);
    expect(answer).toMatch(/^HTTP\/1.1 500 [^]*^X-Wrapped: 1\r$/m);
    expect(answer).not.toMatch(/handler/);
    expect(answer).toContain("store is down");
  });

  test("sources run dry and are closed, and pipeline's promise settles", async () => {
    const settled = deferred<string>();
    const file = fs.createReadStream(here, { highWaterMark: 512 });
    const port = await serve((req, res) => {
      hold(res, hookOf(commit, answer500(res)));
      if (req.url === "/1") file.pipe(res);
      else
        pipeline(Readable.from(slices(big)), res).then(
          () => settled.resolve("well"),
          settled.reject,
        );
    });
    const closed = new Promise<void>((done) => file.once("close", done));
    await exchange(port, "GET", "/1");
    await closed;
    await exchange(port, "GET", "/2");
    expect(await settled.promise).toBe("well");
  });

  test("a client that has gone causes no further error", async () => {
    const failed = deferred();
    const port = await serve((_req, res) => {
      const fail = (error: unknown): void => {
        answer500(res)(error);
        failed.resolve();
      };
      hold(res, hookOf(commit, fail));
      res.once("close", () => Readable.from(slices(big)).pipe(res));
      wire.socket.destroy();
    });
    const wire = connect(port, request());
    await failed.promise;
    await turns();
  });

  describe.each([
    ["express 5", express],
    ["express 4", express4 as unknown as typeof express],
  ])("the error path of %s", (_host, host) => {
    const served = (build: (app: express.Express) => void): Promise<number> => {
      const app = host();
      app.set("env", "test");
      app.use((_req, res, next) => {
        res.setHeader("X-Above", "1");
        res.setHeader("ETag", '"handler"');
        hold(res, hookOf(commit, next));
        res.setHeader("Set-Cookie", "handler=1");
        next();
      });
      app.get("/json", (_req, res) => void res.status(201).json({ handler: 1 }));
      app.get("/redirect", (_req, res) => res.redirect("/handler"));
      app.get("/file", (_req, res) => res.sendFile(here));
      app.get("/pipe", (_req, res) => void Readable.from(slices(big)).pipe(res));
      app.get("/throw-after", (_req, res) => {
        res.end("handler");
        throw new Error("a handler's bug");
      });
      build(app);
      return serve(app);
    };
    const paths = ["/json", "/redirect", "/file", "/pipe"];

    test.each(paths)("the default handler answers the error: %s", async (path) => {
      const answer = await exchange(await served(() => {}), "GET", path);
      expect(answer).toMatch(/^HTTP\/1.1 500 [^]*Error: store is down/);
      expect(count(answer, "HTTP/1.1")).toBe(1);
      expect(answer).not.toMatch(/set-cookie|location|"handler"/i);
      expect(answer).toMatch(/^X-Above: 1\r$/m); // CORS, say, which stood there before the handler
    });

    test.each(paths)("an error handler answers the error: %s", async (path) => {
      const port = await served((app) => {
        app.use(((error: Error, _req, res, _next) => {
          res.status(503).json({ sorry: error.message });
        }) satisfies express.ErrorRequestHandler);
      });
      expect(await exchange(port, "GET", path)).toMatch(
        /^HTTP\/1.1 503 [^]*{"sorry":"store is down"}$/,
      );
    });

    test.each(paths)("an asynchronous error handler answers the error: %s", async (path) => {
      let errors = 0;
      const port = await served((app) => {
        app.use((async (error: Error, _req, res, _next) => {
          errors += 1;
          await turns();
          res.json({ sorry: error.message });
        }) satisfies express.ErrorRequestHandler);
      });
      const answer = await exchange(port, "GET", path);
      expect(answer).toMatch(/^HTTP\/1.1 200 [^]*{"sorry":"store is down"}$/);
      expect(errors).toBe(1);
    });

    test("a handler that awaits pipeline has its error answered once", async () => {
      const port = await served((app) => {
        app.get("/pipeline", (_req, res, next) => {
          pipeline(fs.createReadStream(here, { highWaterMark: 512 }), res).catch(next);
        });
      });
      const answer = await exchange(port, "GET", "/pipeline");
      expect(answer).toMatch(/^HTTP\/1.1 500 [^]*Error: store is down[^]*<\/html>\n$/);
      expect(count(answer, "HTTP/1.1")).toBe(1);
      await turns();
    });

    test("a handler that throws after its answer ends nothing but its connection", async () => {
      await exchange(await served(() => {}), "GET", "/throw-after");
    });
  });
});

/** As `compression` does it: end is taken once, and the body comes out later, on the functions of before. */
function compress(res: Res): void {
  const { writeHead, write, end } = res;
  const through = new PassThrough();
  let ended = false;
  through.on("data", (chunk) => Reflect.apply(write, res, [chunk]));
  through.on("end", () => Reflect.apply(end, res, []));
  const start = (): void => {
    if (!res.headersSent) res.writeHead(res.statusCode);
  };
  Object.assign(res, {
    writeHead(...args: readonly unknown[]) {
      res.setHeader("X-Wrapped", "1");
      res.removeHeader("Content-Length");
      return Reflect.apply(writeHead, res, args);
    },
    write(chunk: string) {
      if (ended) return false;
      start();
      return through.write(chunk);
    },
    end(chunk?: string) {
      if (ended) return false;
      ended = true;
      start();
      return chunk === undefined ? through.end() : through.end(chunk);
    },
  });
}

describe("L14: a commit that is made for an answer that Node refuses", () => {
  test.each([
    ["at once", () => MADE],
    ["later", () => Promise.resolve(MADE)],
  ])("the host answers with our cookie if the commit is made %s", async (_way, commit) => {
    const port = await serve((_req, res) => {
      const hook = hookOf(commit, answer500(res));
      hold(res, hook);
      res.statusCode = 9999;
      try {
        res.end("handler");
      } catch (error) {
        // What hosts do with a handler that throws: the headers go, and an answer is made.
        for (const name of res.getHeaderNames()) res.removeHeader(name);
        answer500(res)(error);
      }
    });
    const answer = await exchange(port);
    expect(answer).toMatch(/^HTTP\/1.1 500 [^]*Invalid status code: 9999$/);
    expect(count(answer, `Set-Cookie: ${COOKIE}\r\n`)).toBe(1);
    expect(answer).toMatch(/^Cache-Control: no-store\r$/m);
  });

  test("a chunk that Node refuses is refused at once, and the rest of the body leaves", async () => {
    let refused: unknown;
    const port = await serve((_req, res) => {
      hold(
        res,
        hookOf(() => Promise.resolve(MADE)),
      );
      res.write("a");
      try {
        Reflect.apply(res.write, res, [7]);
      } catch (error) {
        refused = error;
      }
      res.end("b");
    });
    expect(body(await exchange(port))).toBe("1\r\na\r\n1\r\nb\r\n0\r\n\r\n");
    expect(refused).toMatchObject({ code: "ERR_INVALID_ARG_TYPE" });
  });
});

test("if one of two hooks fails, it takes the error, and the other's cookie leaves", async () => {
  const port = await serve((_req, res) => {
    const first = hookOf(() => MADE);
    const second = hookOf(() => Promise.reject(broken), answer500(res));
    hold(res, first);
    hold(res, second);
    res.end("handler");
  });
  const answer = await exchange(port);
  expect(answer).toMatch(/^HTTP\/1.1 500 [^]*store is down$/);
  expect(count(answer, `Set-Cookie: ${COOKIE}\r\n`)).toBe(1);
});
