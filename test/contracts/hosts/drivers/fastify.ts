import * as fs from "node:fs";
import type { Server } from "node:net";
import { Readable } from "node:stream";
import fastify from "fastify";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { session } from "../../../../src/adapters/fastify.ts";
import { target, untilClosed } from "../app.ts";
import type { App, Below, HostDriver, Incoming, Reply, ServeOptions } from "../app.ts";
import { createServer } from "../server.ts";
import type { Listener } from "../server.ts";

export const fastifyHost: HostDriver = {
  name: "Fastify 5",
  protocol: "http/1.1",
  exposes: true,
  serve: (app, options) => serve(app, "http/1.1", options),
};

export const fastifyHttp2Host: HostDriver = {
  name: "Fastify 5, HTTP/2",
  protocol: "http/2",
  exposes: true,
  except: {
    "a body that breaks off is broken off for the client, and its session is kept":
      "Fastify ends an HTTP/2 stream that breaks off as if it were whole, also without Sojourn",
  },
  serve: (app, options) => serve(app, "http/2", options),
};

function serve(app: App, protocol: HostDriver["protocol"], options: ServeOptions): Server {
  const root = fastify({
    trustProxy: options.trustProxy ?? false,
    serverFactory(handler) {
      const listener: Listener = (req, res) => {
        // Fastify says what is wrong with a plugin when it starts; the suite asks over the socket.
        started.then(
          () => handler(req, res),
          (error: unknown) => {
            const { status = 500, body } = app.onError(error, { ...target(req.url) } as Incoming);
            res.writeHead(status).end(body);
          },
        );
      };
      return createServer(listener, protocol, options);
    },
  });
  root.setErrorHandler((error, request, reply) => {
    void send(reply, app.onError(error, incoming(request, reply)));
  });
  fill(root, app);
  const started = Promise.resolve(root.ready());
  started.catch(() => {});
  return root.server;
}

function fill(context: FastifyInstance, app: Below): void {
  for (const { sessions, options } of app.middleware) {
    void context.register(session, { sessions, ...options });
  }
  for (const [prefix, inner] of Object.entries(app.below ?? {})) {
    void context.register(async (below) => fill(below, inner), { prefix });
  }
  context.all("/*", async (request, reply) => {
    const answer = await app.handle(incoming(request, reply));
    if (answer) return send(reply, answer);
    reply.callNotFound();
    return reply;
  });
}

function incoming(request: FastifyRequest, reply: FastifyReply): Incoming {
  return {
    conn: request,
    ...target(request.originalUrl),
    exposed: (name) => Reflect.get(request, name) as unknown,
    untilGone: untilClosed(reply.raw),
    response: () => reply.raw,
  };
}

function send(reply: FastifyReply, answer: Reply): FastifyReply {
  const { status = 200, headers = {}, body, file, redirect } = answer;
  reply.status(status).headers(headers);
  if (redirect !== undefined) return reply.redirect(redirect, 302);
  if (file !== undefined) return reply.send(fs.createReadStream(file));
  return reply.send(typeof body === "object" ? Readable.from(body) : body);
}
