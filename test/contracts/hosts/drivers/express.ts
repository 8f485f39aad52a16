import { Readable, pipeline } from "node:stream";
import express5 from "express";
import type { NextFunction, Request, Response, Router } from "express";
import express4 from "express4";
import { session } from "../../../../src/adapters/express.ts";
import { target, untilClosed } from "../app.ts";
import type { Below, HostDriver, Incoming, Reply } from "../app.ts";
import { createServer } from "../server.ts";

type Express = Pick<typeof express5, "Router"> & (() => express5.Express);

export const express5Host: HostDriver = driver("Express 5", express5);
// What the suite uses is the same in both, but a type of its own.
export const express4Host: HostDriver = driver("Express 4", express4 as unknown as Express);

function driver(name: string, express: Express): HostDriver {
  return {
    name,
    protocol: "http/1.1",
    exposes: true,
    serve(app, options) {
      const root = express();
      root.set("trust proxy", options.trustProxy ?? false);
      fill(root, app, express);
      root.use((error: unknown, req: Request, res: Response, _next: NextFunction) => {
        send(res, app.onError(error, incoming(req, res)));
      });
      return createServer(root, "http/1.1", options);
    },
  };
}

function fill(router: Router, app: Below, express: Express): void {
  for (const { sessions, options } of app.middleware) router.use(session(sessions, options));
  for (const [path, inner] of Object.entries(app.below ?? {})) {
    const below = express.Router();
    fill(below, inner, express);
    router.use(path, below);
  }
  router.use((req, res, next) => {
    const reply = app.handle(incoming(req, res));
    if (reply === undefined) return next();
    if (!("then" in reply)) return send(res, reply);
    // Express 4 does not look at promises: this is how its applications are written.
    return void reply.then((found) => (found ? send(res, found) : next())).then(undefined, next);
  });
}

function incoming(req: Request, res: Response): Incoming {
  return {
    conn: req,
    ...target(req.originalUrl),
    exposed: (name) => Reflect.get(req, name) as unknown,
    untilGone: untilClosed(res),
    response: () => res,
  };
}

function send(res: Response, reply: Reply): void {
  const { status = 200, headers = {}, body, file, redirect } = reply;
  res.status(status).set(headers);
  if (redirect !== undefined) res.redirect(redirect);
  else if (file !== undefined) res.sendFile(file);
  else if (typeof body === "object") pipeline(Readable.from(body), res, () => {});
  else if (body === undefined) res.end();
  else res.send(body);
}
