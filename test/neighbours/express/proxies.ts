/** Proxies on Express: the answer of another server passes through ours. */
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import type { Handler, Response } from "express";
import { onExpress } from "./host.ts";
import type { ExpressEntry } from "./host.ts";
import { load } from "../support/packages.ts";

/** The server behind the proxy. */
const upstream = (req: http.IncomingMessage, res: http.ServerResponse): void => {
  switch (req.url?.replace(/^\/api/, "")) {
    case "/page":
      res.setHeader("Set-Cookie", ["a=1", "b=2; Path=/"]).setHeader("ETag", '"1"').end("a page");
      return;
    case "/echo": {
      let size = 0;
      req.on("data", (chunk: Buffer) => (size += chunk.length));
      req.on("end", () => res.writeHead(201, "Own reason", { "X-Size": String(size) }).end());
      return;
    }
    case "/cached":
      res
        .writeHead(304, { ETag: '"1"', "Cache-Control": "public, max-age=60", Vary: "Accept" })
        .end();
      return;
    case "/redirect":
      res.writeHead(302, { Location: "/elsewhere" }).end();
      return;
    case "/pieces":
      res.write("one ");
      setImmediate(() => res.end("two"));
      return;
    case "/cut":
      res.setHeader("Content-Length", "100");
      res.write("one ", () => setTimeout(() => res.destroy(), 5));
      return;
    default:
      res.writeHead(404).end("none");
  }
};

async function serveUpstream(): Promise<{ readonly target: string; readonly close: () => void }> {
  const server = http.createServer(upstream);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    target: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A port where nobody listens. */
async function refusing(): Promise<string> {
  const { target, close } = await serveUpstream();
  close();
  return target;
}

const requests: ExpressEntry["requests"] = [
  { path: "/api/page" },
  { path: "/api/page", method: "HEAD" },
  { path: "/api/echo", method: "POST", body: "body ".repeat(6000) },
  { path: "/api/cached" },
  { path: "/api/redirect" },
  { path: "/api/pieces" },
  { path: "/api/none" },
  { path: "/refused/page" },
];

const entries: readonly ExpressEntry[] = [
  {
    name: "http-proxy-middleware",
    package: "http-proxy-middleware",
    async build({ look, note }) {
      interface Proxy {
        readonly createProxyMiddleware: (options: object) => Handler;
      }
      const { createProxyMiddleware } = await load<Proxy>("http-proxy-middleware");
      const { target, close } = await serveUpstream();
      const on = {
        proxyRes: (answer: http.IncomingMessage) => note(`answer ${answer.statusCode}`),
        error(error: NodeJS.ErrnoException, _req: unknown, res: Response) {
          note(`error ${error.code} ${res.headersSent}`);
          if (!res.headersSent) res.writeHead(502).end("bad gateway");
        },
      };
      const refused = await refusing();
      return {
        routes(app) {
          app.use("/api", look(createProxyMiddleware({ target, on })));
          app.use("/refused", look(createProxyMiddleware({ target: refused, on })));
        },
        close,
      };
    },
    places: ["below our middleware"],
    // It lets a client wait whose upstream was cut.
    requests: [...requests, { path: "/api/cut", patience: 300 }],
  },
  {
    name: "http-proxy",
    package: "http-proxy",
    async build({ look, note }) {
      interface Proxying {
        readonly createProxyServer: (options: object) => {
          readonly web: (...args: unknown[]) => void;
        };
      }
      const { createProxyServer } = await load<Proxying>("http-proxy");
      const { target, close } = await serveUpstream();
      const refused = await refusing();
      const proxy = createProxyServer({});
      const to = (target: string): Handler =>
        look((req, res, next) => {
          proxy.web(req, res, { target }, (error: NodeJS.ErrnoException) => {
            note(`error ${error.code} ${res.headersSent}`);
            next(Object.assign(new Error("bad gateway"), { status: 502 }));
          });
        });
      return {
        routes(app) {
          app.use("/api", to(target));
          app.use("/refused", to(refused));
        },
        close,
      };
    },
    places: ["below our middleware"],
    requests,
  },
];

export const expressProxies = onExpress(entries);
