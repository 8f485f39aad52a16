import * as fs from "node:fs";
import { Readable } from "node:stream";
import Koa3 from "koa";
import type { Context, Middleware, Next } from "koa";
import Koa2 from "koa2";
import { session } from "../../../../src/adapters/koa.ts";
import { target, untilClosed } from "../app.ts";
import type { Below, HostDriver, Incoming, Reply } from "../app.ts";
import { createServer } from "../server.ts";

export const koa3Host: HostDriver = driver("Koa 3", Koa3);
export const koa3Http2Host: HostDriver = driver("Koa 3, HTTP/2", Koa3, "http/2");
export const koa2Host: HostDriver = driver("Koa 2", Koa2 as unknown as typeof Koa3);

function driver(
  name: string,
  Koa: typeof Koa3,
  protocol: HostDriver["protocol"] = "http/1.1",
): HostDriver {
  return {
    name,
    protocol,
    exposes: true,
    serve(app, options) {
      const root = new Koa({ proxy: options.trustProxy ?? false });
      root.use(compose(build(app)));
      // Koa answers after its listeners, with the message of an error that may be shown.
      root.on("error", (error: Error & { expose?: boolean }, ctx: Context) => {
        error.message = String(app.onError(error, incoming(ctx)).body);
        error.expose = true;
        // It leaves an answer that has begun as it is, and with it the client.
        if (ctx.headerSent) ctx.res.destroy();
      });
      return createServer(root.callback(), protocol, options);
    },
  };
}

function build(app: Below): readonly Middleware[] {
  const below = Object.entries(app.below ?? {}).map(([prefix, inner]): Middleware => {
    const router = compose(build(inner));
    return (ctx, next) => (ctx.path.startsWith(prefix) ? router(ctx, next) : next());
  });
  return [
    ...app.middleware.map(({ sessions, options }) => session(sessions, options)),
    ...below,
    async (ctx, next) => {
      const reply = await app.handle(incoming(ctx));
      return reply ? send(ctx, reply) : next();
    },
  ];
}

/** What koa-compose does. */
function compose(all: readonly Middleware[]): Middleware {
  const from =
    (at: number) =>
    async (ctx: Context, next: Next): Promise<unknown> => {
      const middleware = all[at];
      return middleware ? middleware(ctx, () => from(at + 1)(ctx, next)) : next();
    };
  return from(0);
}

function incoming(ctx: Context): Incoming {
  return {
    conn: ctx,
    ...target(ctx.originalUrl),
    exposed: (name) => Reflect.get(ctx, name) as unknown,
    untilGone: untilClosed(ctx.res),
    response: () => ctx.res,
  };
}

function send(ctx: Context, reply: Reply): void {
  const { status = 200, headers = {}, body, file, redirect } = reply;
  ctx.status = status;
  ctx.set(headers);
  if (redirect !== undefined) ctx.redirect(redirect);
  else if (file !== undefined) ctx.body = fs.createReadStream(file);
  else if (body !== undefined) ctx.body = typeof body === "object" ? Readable.from(body) : body;
}
