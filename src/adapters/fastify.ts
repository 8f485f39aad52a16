/** Sojourn for Fastify 5: a plugin. */
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { requestStateOf } from "../core/request/attach.ts";
import type { Committer } from "../core/request/host.ts";
import { isPending } from "../core/awaitable.ts";
import { configError } from "../core/errors.ts";
import { assignedSession } from "../core/request/old-habits.ts";
import type { RequestSession } from "../core/request/session.ts";
import { hostSessionsOf } from "../core/sessions.ts";
import type { AnySessions, HostOptions, Registered } from "../core/types.ts";
import { readHostOptions } from "./_shared/host-options.ts";
import { NodeHost } from "./_node/node-host.ts";

declare module "fastify" {
  interface FastifyRequest extends Registered {}
}

/** The options of `app.register(session, { ... })`. */
export interface FastifySessionOptions extends HostOptions {
  readonly sessions: AnySessions;
}

/**
 * A plugin that gives every request of its context, and of the contexts below, a session: for the helpers, and as
 * `request.session`. It commits the session before the first header byte leaves, after every `onSend` hook. If the
 * commit fails, the error takes Fastify's own path, `setErrorHandler`. The registration fails with ERR_SESSION_CONFIG
 * if an option cannot work.
 * @example
 * ```ts
 * import fastify from "fastify";
 * import { session } from "sojourn/fastify";
 *
 * const app = fastify();
 * await app.register(session, { sessions });
 * app.get("/", async (request) => getSession(request, "user_id") ?? "nobody");
 * ```
 */
export const session: FastifyPluginAsync<FastifySessionOptions> = Object.assign(
  async function sojourn(...[app, options]: Parameters<FastifyPluginAsync<FastifySessionOptions>>) {
    const { sessions, ...others } = options;
    // These options belong to `register` itself.
    for (const name of ["prefix", "logLevel", "logSerializers"])
      Reflect.deleteProperty(others, name);
    const hosts = hostSessionsOf(sessions);
    const { as, fetch, anonymousOnError } = readHostOptions(others);

    const owner = Symbol.for(`sojourn.fastify.${as}`);
    if (!app.hasDecorator(owner)) {
      if (app.hasRequestDecorator(as)) throw taken(as);
      app.decorate(owner, hosts);
      app.decorateRequest(as, {
        getter(this: FastifyRequest): RequestSession | undefined {
          return hosts.find(this)?.exposed;
        },
        setter() {
          throw assignedSession(as);
        },
      });
    } else if (app.getDecorator(owner) !== hosts) throw taken(as);

    app.addHook("onRequest", (request, reply, next) => {
      const host = new FastifyHost(request, reply, anonymousOnError);
      const { session: begun } = host.begin(hosts, request.raw);
      const fetching = fetch ? begun.fetch() : undefined;
      if (isPending(fetching)) fetching.then(() => next(), next);
      else next();
    });
  },
  {
    // As fastify-plugin does, this puts the hooks into the context that registers, and not into one of their own.
    [Symbol.for("skip-override")]: true,
    [Symbol.for("fastify.display-name")]: "sojourn",
    [Symbol.for("plugin-meta")]: { name: "sojourn", fastify: "5.x" },
  },
);

function taken(as: string): Error {
  return configError(
    `request.${as} is taken by another plugin or a second session plugin; register with { as: "…" }`,
  );
}

class FastifyHost extends NodeHost {
  readonly #request: FastifyRequest;
  readonly #reply: FastifyReply;
  /** The names of the headers that Fastify held. It keeps its own, and gives them to the response when it sends. */
  #before: readonly string[] = [];

  constructor(request: FastifyRequest, reply: FastifyReply, anonymousOnError: boolean) {
    super({
      request: request.raw,
      response: reply.raw,
      state: requestStateOf(request),
      anonymousOnError,
      onCommitError: (error) => void reply.send(error),
    });
    this.#request = request;
    this.#reply = reply;
  }

  override onFirstLook(committer: Committer): boolean {
    this.#before = Object.keys(this.#reply.getHeaders());
    return super.onFirstLook(committer);
  }

  override isInsecure(): boolean {
    // Fastify judges by its `trustProxy` option.
    return this.#request.protocol !== "https";
  }

  override onCommitError(error: unknown): void {
    const reply = this.#reply;
    if (reply.sent) {
      // After reply.hijack() Fastify answers no more, and neither does its error path.
      reply.log.error(error);
      reply.raw.statusCode = 500;
      reply.raw.end();
      return;
    }
    for (const name of Object.keys(reply.getHeaders())) {
      if (!this.#before.includes(name)) reply.removeHeader(name);
    }
    super.onCommitError(error);
  }
}
