/** Middleware of Express that wraps the answer, reads it, or answers itself. */
import { fileURLToPath } from "node:url";
import type { Handler } from "express";
import { onExpress, OWN_ONLY_WHERE_NONE } from "./host.ts";
import type { ExpressEntry } from "./host.ts";
import { load } from "../support/packages.ts";

const files = fileURLToPath(new URL("../files/", import.meta.url));
const GZIP = { "accept-encoding": "gzip" };
const NO_GZIP = { "accept-encoding": "identity" };

/** Pages that compressors and caches treat differently: short, long, in pieces, streamed, a file. */
const compressed = (folder: string): ExpressEntry => ({
  name: "compression",
  package: folder,
  known: {
    "below our middleware": OWN_ONLY_WHERE_NONE,
    "around our middleware": OWN_ONLY_WHERE_NONE,
  },
  async build({ look, note, event }) {
    const compression = await load<(options?: object) => Handler>(folder);
    return {
      use: [compression({ threshold: 100 })],
      routes(app) {
        app.get(
          "/send",
          look((_req, res) => void res.send("long ".repeat(200))),
        );
        app.get(
          "/short",
          look((_req, res) => void res.send("short")),
        );
        app.get(
          "/pieces",
          look((_req, res) => {
            res.type("html");
            note(`write ${res.write("<h1>one</h1>".repeat(50))}`);
            note(`sent ${res.headersSent}`);
            res.end("<p>two</p>", () => event("end is done"));
          }),
        );
        app.get(
          "/head",
          look((_req, res) => {
            res.writeHead(201, { "Content-Type": "text/plain", "X-Own": "1" });
            res.write("piece ".repeat(50));
            setImmediate(() => res.end("end"));
          }),
        );
        app.get(
          "/file",
          look((_req, res) => res.sendFile(`${files}page.txt`)),
        );
        app.get(
          "/events",
          look((_req, res) => {
            res.type("text/event-stream").set("Cache-Control", "no-cache, no-transform");
            res.write("data: 1\n\n");
            setImmediate(() => res.end("data: 2\n\n"));
          }),
        );
        app.get(
          "/redirect",
          look((_req, res) => res.redirect("/send")),
        );
      },
    };
  },
  requests: [
    { path: "/send", headers: GZIP },
    { path: "/send", headers: NO_GZIP },
    { path: "/short", headers: GZIP },
    { path: "/pieces", headers: GZIP },
    { path: "/pieces", headers: NO_GZIP },
    { path: "/head", headers: GZIP },
    { path: "/file", headers: GZIP },
    { path: "/events", headers: GZIP },
    { path: "/redirect", headers: GZIP },
    { path: "/send", method: "HEAD", headers: GZIP },
    { path: "/none", headers: GZIP },
  ],
});

const entries: readonly ExpressEntry[] = [
  compressed("compression-1.7"),
  compressed("compression"),
  {
    name: "morgan",
    package: "morgan",
    async build({ look, event }) {
      const morgan = await load<(format: string, options: object) => Handler>("morgan");
      const stream = { write: (line: string) => event(`log ${line.trim()}`) };
      const format = ":method :url :status :res[content-length] :res[x-own]";
      return {
        use: [
          morgan(format, { stream }),
          morgan("at once :method :url", { stream, immediate: true }),
        ],
        routes(app) {
          app.get(
            "/send",
            look((_req, res) => void res.set("X-Own", "1").send("page")),
          );
          app.get(
            "/json",
            look((_req, res) => void res.status(201).json({ n: 1 })),
          );
          app.get(
            "/throw",
            look(() => {
              throw new Error("thrown");
            }),
          );
          app.get(
            "/late",
            look((_req, res) => {
              res.json({ ok: 1 });
              throw new Error("after the answer");
            }),
          );
          app.get(
            "/twice",
            look((_req, res) => {
              res.redirect("/next");
              res.send("a page");
            }),
          );
        },
      };
    },
    requests: ["/send", "/json", "/throw", "/late", "/twice", "/none"].map((path) => ({ path })),
  },
  {
    name: "serve-static",
    package: "serve-static",
    async build({ look }) {
      const serveStatic = await load<(root: string, options?: object) => Handler>("serve-static");
      return {
        routes(app) {
          const plain = serveStatic(files);
          const aged = serveStatic(files, { maxAge: 1000, redirect: false });
          app.use("/plain", look(plain));
          app.use("/aged", look(aged));
        },
      };
    },
    places: ["below our middleware"],
    known: { "below our middleware": OWN_ONLY_WHERE_NONE },
    requests: [
      { path: "/plain/page.txt" },
      (before) => ({
        path: "/plain/page.txt",
        headers: { "if-none-match": valueOf(before, "etag") },
      }),
      { path: "/plain/page.txt", headers: { range: "bytes=5-20" } },
      { path: "/plain/page.txt", headers: { range: "bytes=99999-" } },
      { path: "/plain/page.txt", method: "HEAD" },
      { path: "/aged/page.txt" },
      { path: "/plain/sub" },
      { path: "/plain/none.txt" },
      { path: "/plain/page.txt", method: "POST" },
    ],
  },
  {
    name: "express-rate-limit",
    package: "express-rate-limit",
    async build({ look }) {
      const rateLimit = await load<(options: object) => Handler>("express-rate-limit");
      return {
        use: [
          rateLimit({
            windowMs: 60_000,
            limit: 2,
            standardHeaders: "draft-7",
            legacyHeaders: true,
          }),
        ],
        routes(app) {
          app.get(
            "/",
            look((_req, res) => void res.send("page")),
          );
        },
      };
    },
    volatile: ["ratelimit", "x-ratelimit-reset", "retry-after"],
    requests: [{ path: "/" }, { path: "/" }, { path: "/" }, { path: "/" }],
  },
  {
    name: "apicache",
    package: "apicache",
    async build({ look, note }) {
      interface Apicache {
        readonly newInstance: (options?: object) => {
          readonly middleware: (time: string) => Handler;
        };
      }
      const apicache = await load<Apicache>("apicache");
      let made = 0;
      return {
        use: [apicache.newInstance().middleware("1 minute")],
        routes(app) {
          app.get(
            "/json",
            look((_req, res) => {
              made += 1;
              note(`made ${made}`);
              res.set("X-Own", "1").json({ made });
            }),
          );
          app.get(
            "/pieces",
            look((_req, res) => {
              made += 1;
              res.write("one ");
              res.end(`two ${made}`);
            }),
          );
        },
      };
    },
    // Around us it stores and replays whatever we send, as it does with every other middleware's cookies.
    places: ["below our middleware"],
    volatile: ["cache-control"],
    requests: ["/json", "/json", "/pieces", "/pieces"].map((path) => ({ path })),
  },
];

function valueOf(
  before: readonly { headers: readonly (readonly [string, string])[] }[],
  wanted: string,
): string {
  const headers = before.flatMap(({ headers }) => headers);
  return headers.find(([name]) => name.toLowerCase() === wanted)?.[1] ?? "";
}

export const expressMiddleware = onExpress(entries);
