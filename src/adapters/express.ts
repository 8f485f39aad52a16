/** Sojourn for Express 5 and 4. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { isPending } from "../core/awaitable.ts";
import { carryBeside } from "../core/request/attach.ts";
import { filterOf } from "../core/sessions.ts";
import type { AnySessions, HostOptions, Registered } from "../core/types.ts";
import { createProperty } from "./_shared/request-property.ts";
import { prepareResponses } from "./_node/hold-response.ts";
import { readHostOptions } from "./_shared/host-options.ts";
import { NodeHost } from "./_node/node-host.ts";

declare global {
  // Express reads its request type from this namespace.
  // oxlint-disable-next-line typescript/no-namespace
  namespace Express {
    interface Request extends Registered {}
  }
}

/**
 * Middleware that gives every request below it a session: for the helpers, and as `req.session`. The session
 * is committed before the first header byte leaves; when that fails, `next(error)` takes the error.
 * @throws ERR_SESSION_CONFIG for options that cannot work
 */
export function session(
  sessions: AnySessions,
  options?: HostOptions,
): (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void {
  const filter = filterOf(sessions);
  const { as, fetch, anonymousOnError } = readHostOptions(options);
  const property = createProperty(as, requestPrototype);
  return function sojourn(req, res, next) {
    prepare(res);
    carryBeside(req);
    const begun = filter.begin(new NodeHost(req, res, next, anonymousOnError), req);
    property.set(req, begun);
    const fetching = fetch ? begun.fetch() : undefined;
    if (isPending(fetching)) fetching.then(() => next(), next);
    else next();
  };
}

/** Express gives the requests and responses of each application a prototype of their own; other servers do not. */
function requestPrototype(request: object): object {
  const prototype = Object.getPrototypeOf(request) as object;
  return isExpress(prototype) ? prototype : request;
}

const prepared = new WeakSet<object>();

/** Once per application; the outermost one's prototype stands behind those of the applications mounted in it. */
function prepare(res: object): void {
  let prototype = Object.getPrototypeOf(res) as object;
  if (prepared.has(prototype) || !isExpress(prototype)) return;
  prepared.add(prototype);
  for (let next = prototype; isExpress(next); next = Object.getPrototypeOf(next) as object) {
    prototype = next;
  }
  prepareResponses(prototype);
}

function isExpress(prototype: object): boolean {
  return Object.hasOwn(prototype, "app");
}
