/** The ways in which Express itself, and its template engines, answer. */
import { pipeline, Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Handler, Response } from "express";
import { onExpress, OWN_ONLY_WHERE_NONE } from "./host.ts";
import type { ExpressEntry } from "./host.ts";
import type { Reply } from "../neighbour.ts";
import { load } from "../support/packages.ts";

const files = fileURLToPath(new URL("../files/", import.meta.url));

const ETAG = (before: readonly Reply[]): string =>
  before.flatMap(({ headers }) => headers).find(([name]) => name === "ETag")?.[1] ?? "";

/** What a call throws, by its code. */
function codeOf(call: () => unknown): string {
  try {
    call();
    return "nothing";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

function* pieces(count: number): Generator<string> {
  for (let at = 0; at < count; at += 1) yield `${at} ${"piece ".repeat(2000)}`;
}

const entries: readonly ExpressEntry[] = [
  {
    name: "express.static",
    build: ({ express, look }) => ({
      routes(app) {
        app.use("/aged", look(express.static(files, { maxAge: "1h", index: false })));
        app.use(
          "/bare",
          look(express.static(files, { cacheControl: false, etag: false, lastModified: false })),
        );
        app.use("/strict", look(express.static(files, { fallthrough: false })));
      },
    }),
    places: ["below our middleware"],
    known: { "below our middleware": OWN_ONLY_WHERE_NONE },
    requests: [
      { path: "/aged/page.txt" },
      { path: "/aged/sub" },
      { path: "/bare/page.txt" },
      { path: "/bare/page.txt", headers: { range: "bytes=0-3,6-8" } },
      { path: "/strict/page.txt" },
      { path: "/strict/none.txt" },
      { path: "/strict/%2e%2e/express.ts" },
    ],
  },
  {
    name: "sendFile and download",
    build: ({ look, event }) => ({
      routes(app) {
        const done = (what: string) => (error?: Error) =>
          event(
            `${what} ${error ? ((error as NodeJS.ErrnoException).code ?? error.message) : "done"}`,
          );
        app.get(
          "/send",
          look((_req, res) => res.sendFile("page.txt", { root: files }, done("sendFile"))),
        );
        app.get(
          "/plain",
          look((_req, res) => res.sendFile(`${files}page.txt`)),
        );
        app.get(
          "/download",
          look((_req, res) => res.download(`${files}page.txt`, "a b.txt", done("download"))),
        );
        app.get(
          "/none",
          look((_req, res) => res.sendFile(`${files}none.txt`)),
        );
        app.get(
          "/aged",
          look((_req, res) => res.sendFile(`${files}page.txt`, { maxAge: 5000, immutable: true })),
        );
        app.get(
          "/page-of-error",
          look((_req, res) => res.status(404).sendFile(`${files}page.txt`)),
        );
      },
    }),
    places: ["below our middleware"],
    known: { "below our middleware": OWN_ONLY_WHERE_NONE },
    requests: [
      { path: "/send" },
      { path: "/plain" },
      (before) => ({ path: "/plain", headers: { "if-none-match": ETAG(before) } }),
      { path: "/plain", headers: { range: "bytes=5-20" } },
      { path: "/plain", headers: { range: "bytes=99999-" } },
      { path: "/plain", method: "HEAD" },
      { path: "/download" },
      { path: "/none" },
      { path: "/aged" },
      { path: "/page-of-error" },
      { path: "/plain", leaves: true },
    ],
  },
  {
    name: "res.render",
    package: "ejs",
    async build({ look, note }) {
      const ejs = await load<{ readonly renderFile: (...args: unknown[]) => void }>("ejs");
      return {
        routes(app) {
          app.engine("ejs", (path, options, done) => ejs.renderFile(path, options, done));
          app.set("view engine", "ejs").set("views", files);
          app.get(
            "/page",
            look((_req, res) => {
              res.locals["name"] = "ada";
              res.render("page", { items: ["pen", "cup"] });
            }),
          );
          app.get(
            "/callback",
            look((_req, res) => {
              res.render("page", { items: [], name: "bob" }, (error, html) => {
                note(`rendered ${String(error)} ${html.length}`);
                res.status(201).send(html);
              });
            }),
          );
          app.get(
            "/fails",
            look((_req, res) => res.render("none")),
          );
        },
      };
    },
    places: ["below our middleware"],
    requests: [
      { path: "/page" },
      { path: "/page", method: "HEAD" },
      { path: "/callback" },
      { path: "/fails" },
    ],
  },
  {
    name: "Server-Sent Events",
    build: ({ look, event }) => ({
      routes(app) {
        const begin = (res: Response): void => {
          res.set({ "Content-Type": "text/event-stream", "Cache-Control": "no-cache" });
          res.flushHeaders();
        };
        app.get(
          "/events",
          look((_req, res) => {
            begin(res);
            res.write("data: 1\n\n", () => event("first is written"));
            setImmediate(() => {
              res.write("data: 2\n\n");
              res.end();
            });
          }),
        );
        app.get(
          "/endless",
          look((req, res) => {
            begin(res);
            const timer = setInterval(() => res.write("data: again\n\n"), 1);
            req.on("close", () => {
              clearInterval(timer);
              res.end(() => event("ended"));
            });
          }),
        );
      },
    }),
    places: ["below our middleware"],
    requests: [{ path: "/events" }, { path: "/endless", leaves: true }],
  },
  {
    name: "answers by hand",
    build: ({ look, note, event }) => ({
      routes(app) {
        const routes: Readonly<Record<string, Handler>> = {
          "/end": (_req, res) => {
            note(`end ${res.end("page", () => event("end is done")) === res}`);
            note(`${res.headersSent} ${res.writableEnded} ${res.finished}`);
            note(`late ${codeOf(() => res.setHeader("X-Late", "1"))}`);
            note(`late ${codeOf(() => res.removeHeader("X-Powered-By"))}`);
          },
          "/end-twice": (_req, res) => {
            res.end("page", () => event("first end"));
            res.end("again", (error?: Error) => event(`second end ${String(error)}`));
            res.write("late", (error) =>
              event(`late write ${String((error as NodeJS.ErrnoException).code)}`),
            );
          },
          "/head": (_req, res) => {
            res
              .set("X-Own", "1")
              .writeHead(202, "Own reason", { "X-Head": "2", "Set-Cookie": ["a=1", "b=2"] });
            note(`head ${res.statusCode} ${res.statusMessage} ${String(res.getHeader("X-Head"))}`);
            note(`again ${codeOf(() => res.writeHead(500))}`);
            res.end("page");
          },
          "/text-status": (_req, res) => {
            res.writeHead("203" as unknown as number).end("page");
          },
          "/wrong-status": (_req, res) => {
            note(`wrong ${codeOf(() => res.writeHead(42))}`);
            res.end("page");
          },
          "/hints": (_req, res) => {
            res.writeEarlyHints({ link: "</a.css>; rel=preload" }, () => event("hints are out"));
            res.send("page");
          },
          "/trailers": (_req, res) => {
            res.set("Trailer", "X-Sum");
            res.write("page");
            res.addTrailers({ "X-Sum": "1" });
            res.end();
          },
          "/length": (_req, res) => void res.set("Content-Length", "4").end("page"),
          "/json": (_req, res) => void res.status(201).jsonp({ n: 1 }),
          "/format": (_req, res) => {
            res.format({ text: () => res.send("text"), html: () => res.send("<p>html</p>") });
          },
          "/empty": (_req, res) => void res.sendStatus(204),
          "/redirect": (_req, res) => res.redirect(303, "/end"),
          "/pipe": (_req, res) => void Readable.from(pieces(20)).pipe(res),
          "/pipeline": (_req, res) => {
            pipeline(Readable.from(pieces(20)), res, (error) => event(`pipeline ${String(error)}`));
          },
          "/fails-in-stream": (_req, res) => {
            const source = Readable.from(
              (async function* () {
                yield "begun ";
                // An answer that is destroyed before the commit is made leaves nothing of itself.
                await new Promise((done) => setTimeout(done, 100));
                throw new Error("the source fails");
              })(),
            );
            pipeline(source, res, (error) => event(`pipeline ${String(error)}`));
          },
          "/destroy": (_req, res) => void res.destroy(),
          "/throw": () => {
            throw new Error("thrown");
          },
          "/throw-later": async () => {
            await Promise.resolve();
            throw new Error("rejected");
          },
          "/throw-after": (_req, res) => {
            res.json({ ok: 1 });
            throw new Error("after the answer");
          },
          "/two-answers": (_req, res) => {
            res.redirect("/end");
            res.send("a page");
          },
        };
        for (const [path, handler] of Object.entries(routes)) app.all(path, look(handler));
      },
    }),
    places: ["below our middleware"],
    requests: [
      "/end",
      "/end-twice",
      "/head",
      "/text-status",
      "/wrong-status",
      "/hints",
      "/trailers",
      "/length",
      "/json",
      "/format",
      "/empty",
      "/redirect",
      "/pipe",
      "/pipeline",
      "/fails-in-stream",
      "/destroy",
      "/throw",
      "/throw-later",
      "/throw-after",
      "/two-answers",
    ]
      .map((path) => ({ path }))
      .flatMap((ask) =>
        /json|head|pipe$/.test(ask.path) ? [ask, { ...ask, method: "HEAD" }] : [ask],
      ),
  },
  {
    name: "applications in applications",
    build: ({ express, look }) => ({
      routes(app) {
        const inner = express();
        inner.set("env", "test");
        inner.get(
          "/page",
          look((_req, res) => void res.send("inner page")),
        );
        inner.get(
          "/throw",
          look(() => {
            throw new Error("thrown inside");
          }),
        );
        app.use("/mounted", inner);
        app.use("/router", express.Router().use(inner));
        app.use("/called", (req, res, next) => inner(req, res, next));
      },
    }),
    requests: ["mounted", "router", "called"].flatMap((place) => [
      { path: `/${place}/page` },
      { path: `/${place}/throw` },
      { path: `/${place}/none` },
    ]),
  },
];

export const expressAnswers = onExpress(entries);
