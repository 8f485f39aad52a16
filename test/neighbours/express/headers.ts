/** Middleware of Express that sets headers, or changes the answer on its way. */
import type { Handler, Request, Response } from "express";
import { onExpress } from "./host.ts";
import type { ExpressEntry } from "./host.ts";
import { load } from "../support/packages.ts";

const paths = (...list: readonly string[]): ExpressEntry["requests"] =>
  list.map((path) => ({ path }));

const entries: readonly ExpressEntry[] = [
  {
    name: "helmet",
    package: "helmet",
    async build({ look }) {
      const helmet = await load<() => Handler>("helmet");
      return {
        use: [helmet()],
        routes(app) {
          app.get(
            "/send",
            look((_req, res) => void res.send("page")),
          );
          app.get(
            "/throw",
            look(() => {
              throw new Error("thrown");
            }),
          );
        },
      };
    },
    requests: paths("/send", "/throw", "/none"),
  },
  {
    name: "cors",
    package: "cors",
    async build({ look }) {
      const cors = await load<(options: object) => Handler>("cors");
      return {
        use: [
          cors({ origin: ["https://shop.example"], credentials: true, exposedHeaders: ["X-Own"] }),
        ],
        routes(app) {
          app.get(
            "/",
            look((_req, res) => void res.set("X-Own", "1").json({ n: 1 })),
          );
          app.put(
            "/",
            look((_req, res) => void res.vary("Accept").sendStatus(204)),
          );
        },
      };
    },
    requests: [
      { path: "/", headers: { origin: "https://shop.example" } },
      { path: "/", headers: { origin: "https://evil.example" } },
      { path: "/" },
      {
        path: "/",
        method: "OPTIONS",
        headers: { origin: "https://shop.example", "access-control-request-method": "PUT" },
      },
      { path: "/", method: "PUT", headers: { origin: "https://shop.example" } },
    ],
  },
  {
    name: "response-time",
    package: "response-time",
    async build({ look, event }) {
      const responseTime = await load<(listen?: unknown) => Handler>("response-time");
      return {
        use: [
          responseTime(),
          responseTime((_req: Request, res: Response) => {
            event(`at the head ${res.statusCode} ${res.headersSent}`);
          }),
        ],
        routes(app) {
          app.get(
            "/send",
            look((_req, res) => void res.status(201).send("page")),
          );
          app.get(
            "/pieces",
            look((_req, res) => {
              res.write("one");
              setImmediate(() => res.end("two"));
            }),
          );
          app.get(
            "/head",
            look((_req, res) => void res.writeHead(202, { "X-Own": "1" }).end("page")),
          );
        },
      };
    },
    volatile: ["x-response-time"],
    requests: paths("/send", "/pieces", "/head", "/none"),
  },
  {
    name: "on-headers",
    package: "on-headers",
    async build({ look, note, event }) {
      const onHeaders =
        await load<(res: Response, listen: (this: Response) => void) => void>("on-headers");
      return {
        use: [
          (_req, res, next) => {
            onHeaders(res, function () {
              event(
                `head ${this.statusCode} ${String(this.getHeader("x-own"))} ${this.headersSent}`,
              );
              this.setHeader("X-Late", "1");
              if (this.statusCode === 202) this.statusCode = 203;
              this.removeHeader("X-Powered-By");
            });
            next();
          },
        ],
        routes(app) {
          app.get(
            "/send",
            look((_req, res) => void res.set("X-Own", "a").send("page")),
          );
          app.get(
            "/head",
            look((_req, res) => {
              res.writeHead(202, "Own reason", { "X-Own": "b" });
              note(`after the head ${res.headersSent}`);
              res.end("page");
            }),
          );
          app.get(
            "/flush",
            look((_req, res) => {
              res.flushHeaders();
              note(`after the flush ${res.headersSent}`);
              setImmediate(() => res.end("page"));
            }),
          );
          app.get(
            "/array",
            look((_req, res) => {
              res.writeHead(200, ["X-Own", "c", "Set-Cookie", "a=1", "Set-Cookie", "b=2"]).end();
            }),
          );
        },
      };
    },
    requests: paths("/send", "/head", "/flush", "/array", "/none"),
  },
  {
    name: "express-mung",
    package: "express-mung",
    async build({ look, note }) {
      type Mung<T> = (
        change: (body: T, req: Request, res: Response) => unknown,
        options?: object,
      ) => Handler;
      interface Munging {
        readonly json: Mung<object>;
        readonly jsonAsync: Mung<object>;
        readonly headers: (change: (req: Request, res: Response) => void) => Handler;
        readonly headersAsync: (change: (req: Request, res: Response) => Promise<void>) => Handler;
        readonly write: Mung<Buffer>;
      }
      const mung = await load<Munging>("express-mung");
      return {
        routes(app) {
          app.use(
            "/json",
            mung.json((body) => ({ ...body, munged: 1 })),
          );
          app.use(
            "/async",
            mung.jsonAsync(async (body) => {
              await new Promise((done) => setImmediate(done));
              return { ...body, munged: 2 };
            }),
          );
          app.use(
            "/headers",
            mung.headers((_req, res) => {
              note(`headers ${res.headersSent}`);
              res.set("X-Munged", "1");
            }),
          );
          app.use(
            "/later",
            mung.headersAsync(async (_req, res) => {
              await new Promise((done) => setImmediate(done));
              res.set("X-Munged", "2");
            }),
          );
          app.use(
            "/write",
            mung.write((body) => `${String(body).toUpperCase()}!`),
          );
          const json = look((_req, res) => void res.status(201).json({ n: 1 }));
          for (const path of ["/json", "/async", "/headers", "/later"]) app.get(path, json);
          app.get(
            "/write",
            look((_req, res) => {
              res.type("txt");
              res.write("one ");
              res.end();
            }),
          );
          app.get(
            "/json/throw",
            look(() => {
              throw new Error("thrown");
            }),
          );
        },
      };
    },
    requests: paths("/json", "/async", "/headers", "/later", "/write", "/json/throw"),
  },
  {
    name: "express-interceptor",
    package: "express-interceptor",
    async build({ look, note }) {
      interface Interceptor {
        readonly isInterceptable: () => boolean;
        readonly intercept: (body: string, send: (body: string) => void) => void;
        readonly afterSend: (before: string, after: string) => void;
      }
      const interceptor =
        await load<(make: (req: Request, res: Response) => Interceptor) => Handler>(
          "express-interceptor",
        );
      return {
        use: [
          interceptor((_req, res) => ({
            isInterceptable: () => /html/.test(String(res.get("Content-Type"))),
            intercept: (body, send) => {
              note(`intercepts ${body.length}`);
              setImmediate(() => send(body.replace("</p>", " and more</p>")));
            },
            afterSend: (before, after) => note(`sent ${before.length} ${after.length}`),
          })),
        ],
        routes(app) {
          app.get(
            "/html",
            look((_req, res) => void res.send("<p>page</p>")),
          );
          app.get(
            "/pieces",
            look((_req, res) => {
              res.type("html").write("<p>one");
              res.write(" two");
              res.end("</p>");
            }),
          );
          app.get(
            "/json",
            look((_req, res) => void res.json({ n: 1 })),
          );
          app.get(
            "/empty",
            look((_req, res) => void res.sendStatus(204)),
          );
        },
      };
    },
    requests: paths("/html", "/pieces", "/json", "/empty", "/none"),
  },
  {
    name: "errorhandler",
    package: "errorhandler",
    async build({ look, note }) {
      const errorhandler = await load<(options: object) => Handler>("errorhandler");
      return {
        routes(app) {
          app.get(
            "/throw",
            look(() => {
              throw Object.assign(new Error("thrown"), { status: 418, stack: "a stack" });
            }),
          );
          app.get(
            "/late",
            look((_req, res) => {
              res.json({ ok: 1 });
              throw Object.assign(new Error("after the answer"), { stack: "a stack" });
            }),
          );
          app.get(
            "/begun",
            look((_req, res, next) => {
              res.write("begun");
              // The head has left, also where it waits for a commit.
              const error = Object.assign(new Error("in the answer"), { stack: "a stack" });
              setTimeout(() => next(error), 100);
            }),
          );
          app.use(errorhandler({ log: (error: Error) => note(`log ${error.message}`) }));
        },
      };
    },
    places: ["below our middleware"],
    requests: ["/throw", "/late", "/begun"].flatMap((path) => [
      { path, headers: { accept: "text/html" } },
      { path, headers: { accept: "application/json" } },
    ]),
  },
];

export const expressHeaders = onExpress(entries);
