import type { ServerResponse } from "node:http";
import { H3, redirect as redirect2 } from "h3";
import type { H3Event } from "h3";
import * as h31 from "h3-1";
import { toNodeHandler } from "srvx/node";
import { session } from "../../../../src/adapters/h3.ts";
import { recover } from "../../../../src/core/awaitable.ts";
import { target, trustsNoProxy, untilClosed } from "../app.ts";
import type { Below, HostDriver, Incoming, Reply } from "../app.ts";
import { bodyOf } from "../reply.ts";
import { createServer } from "../server.ts";
import type { Listener } from "../server.ts";

export const h3Host: HostDriver = driver("h3 2", "http/1.1");
export const h3Http2Host: HostDriver = driver("h3 2, HTTP/2", "http/2");

function driver(name: string, protocol: HostDriver["protocol"]): HostDriver {
  return {
    name,
    protocol,
    exposes: true,
    serve(app, options) {
      const root = build(app, {
        silent: true,
        onError(error, event) {
          // Its own 404.
          if (!error.unhandled) return undefined;
          return send(event, app.onError(error.cause, incoming(event)));
        },
      });
      // h3's own toNodeHandler is this one without its options.
      const listener = toNodeHandler(root.fetch, { trustProxy: options.trustProxy ?? false });
      return createServer(listener as Listener, protocol, options);
    },
  };
}

function build(app: Below, config?: ConstructorParameters<typeof H3>[0]): H3 {
  const h3 = new H3(config);
  for (const { sessions, options } of app.middleware) h3.use(session(sessions, options));
  for (const [path, inner] of Object.entries(app.below ?? {})) h3.mount(path, build(inner));
  h3.use(async (event) => {
    const reply = await app.handle(incoming(event));
    return reply && send(event, reply);
  });
  return h3;
}

function send(event: H3Event, reply: Reply): unknown {
  const { status = 200, headers = {}, body, file, redirect } = reply;
  for (const [name, value] of Object.entries(headers)) {
    for (const each of [value].flat()) event.res.headers.append(name, each);
  }
  if (redirect !== undefined) return redirect2(redirect);
  event.res.status = status;
  return bodyOf(body, file);
}

function incoming(event: H3Event): Incoming {
  return {
    conn: event,
    ...target(event.runtime?.node?.req.url), // The event's own loses the prefix of a mount.
    exposed: (name) => event.context[name],
    untilGone: untilClosed(event.runtime?.node?.res as NodeJS.EventEmitter),
    response: () => event.runtime?.node?.res as ServerResponse,
  };
}

export const h31Host: HostDriver = {
  name: "h3 1",
  protocol: "http/1.1",
  exposes: true,
  except: trustsNoProxy,
  serve(app, options) {
    const answer = (error: unknown, event: h31.H3Event): void =>
      end1(event, app.onError(error, incoming1(event)));
    const root = build1(app, answer, {
      onError(error, event) {
        if (error.unhandled) answer(error.cause, event);
      },
    });
    return createServer(h31.toNodeListener(root), "http/1.1", options);
  },
};

function build1(
  app: Below,
  onError: (error: unknown, event: h31.H3Event) => void,
  options?: h31.AppOptions,
): h31.App {
  const h3 = h31.createApp(options);
  for (const { sessions, options } of app.middleware) {
    h3.use(session<h31.H3Event>(sessions, { ...options, onError }));
  }
  for (const [path, inner] of Object.entries(app.below ?? {})) {
    h3.use(path, build1(inner, onError).handler);
  }
  h3.use(
    h31.eventHandler(async (event) => {
      // What has a cause is lost on the way to onError, which is shown the cause.
      const failed = (cause: unknown): never => {
        throw new Error("the handler failed", { cause });
      };
      const reply = await recover(() => app.handle(incoming1(event)), failed);
      return reply && send1(event, reply);
    }),
  );
  return h3;
}

function send1(event: h31.H3Event, reply: Reply): unknown {
  const { status = 200, headers = {}, body, file, redirect } = reply;
  for (const [name, value] of Object.entries(headers)) event.node.res.setHeader(name, value);
  if (redirect !== undefined) return h31.sendRedirect(event, redirect);
  h31.setResponseStatus(event, status);
  return bodyOf(body, file);
}

/** Its onError writes the answer itself. */
function end1(event: h31.H3Event, { status = 500, body }: Reply): void {
  const { res } = event.node;
  if (res.headersSent) {
    res.destroy();
    return;
  }
  res.statusCode = status;
  res.end(body);
}

function incoming1(event: h31.H3Event): Incoming {
  return {
    conn: event,
    ...target(event.node.req.originalUrl ?? event.node.req.url),
    exposed: (name) => event.context[name] as unknown,
    untilGone: untilClosed(event.node.res),
    response: () => event.node.res,
  };
}
