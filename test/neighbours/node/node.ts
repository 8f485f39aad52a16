/** Without a framework, over HTTP/1 and 2, and on connect. */
import * as http from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import * as http2 from "node:http2";
import { pipeline, Readable } from "node:stream";
import { session as expressSession } from "../../../src/adapters/express.ts";
import { session } from "../../../src/adapters/node.ts";
import type { Ask, Kit, Listener, Neighbour } from "../neighbour.ts";
import { load } from "../support/packages.ts";

type Route = (res: ServerResponse, kit: Kit) => unknown;

/** What the compatibility layer of HTTP/2 has as well. */
const routes: Readonly<Record<string, Route>> = {
  "/end": (res, { note, event }) => {
    res.setHeader("X-Own", "1");
    res.end("page", () => event("end is done"));
    note(`${res.headersSent} ${res.writableEnded} ${res.finished}`);
  },
  "/head": (res, { note }) => {
    res.setHeader("X-Early", "1");
    res.writeHead(202, { "X-Own": "1", "Set-Cookie": ["a=1", "b=2"] });
    note(`${res.statusCode} ${res.headersSent}`);
    res.statusCode = 500;
    res.end("page");
  },
  "/pieces": (res, { event }) => {
    res.write("one ", () => event("written"));
    setImmediate(() => res.end("two"));
  },
  "/flush": (res) => {
    res.flushHeaders();
    setImmediate(() => res.end("flushed"));
  },
  "/pipeline": (res, { event }) => {
    pipeline(Readable.from(["one ", "two"]), res, (error) => event(`pipeline ${String(error)}`));
  },
  "/empty": (res) => res.writeHead(204).end(),
  "/trailers": (res) => {
    res.setHeader("Trailer", "X-Sum");
    res.write("page");
    res.addTrailers({ "X-Sum": "1" });
    res.end();
  },
  "/file": (res) =>
    void Readable.from([Buffer.alloc(200_000, "a"), Buffer.alloc(200_000, "b")]).pipe(res),
};

const requests: readonly Ask[] = [
  ...Object.keys(routes).map((path) => ({ path })),
  // Node itself has no answer to HEAD that has trailers, or is piped over HTTP/2.
  ...["/end", "/head", "/pieces", "/flush", "/empty"].map((path) => ({ path, method: "HEAD" })),
];

function listener(kit: Kit): Listener {
  const handler: Listener = (req, res) => {
    kit.above(req);
    return kit.handle(req, () => routes[req.url ?? ""]?.(res, kit));
  };
  return kit.sessions ? session(kit.sessions, handler) : handler;
}

export const node: readonly Neighbour[] = [
  {
    host: "node:http",
    name: "answers by hand",
    program: (kit) => ({ server: http.createServer(listener(kit)) }),
    requests,
  },
  {
    host: "node:http",
    name: "connect",
    package: "connect",
    async program(kit) {
      type Use = (
        req: IncomingMessage,
        res: ServerResponse,
        next: (error?: unknown) => void,
      ) => unknown;
      const connect =
        await load<() => Listener & { readonly use: (middleware: Use) => void }>("connect");
      const app = connect();
      if (kit.sessions) app.use(expressSession(kit.sessions));
      app.use((req, _res, next) => {
        kit.above(req);
        next();
      });
      app.use((req, res, next) => {
        const route = routes[req.url ?? ""];
        return route ? kit.handle(req, () => route(res, kit)) : next();
      });
      return { server: http.createServer(app) };
    },
    requests: [...requests, { path: "/none" }],
  },
  {
    host: "node:http2",
    name: "answers by hand",
    program: (kit) => ({
      // The compatibility layer promises to be used like node:http; its types say only half of it.
      server: http2.createServer(listener(kit) as never) as unknown as http.Server,
      protocol: "http/2",
    }),
    requests,
  },
];
