/** The requests and responses of Express, whose prototypes it changes for each application. */
import type { IncomingMessage } from "node:http";
import { keepInHashTable } from "./hash-table.ts";
import { patchPrototype } from "./response-methods.ts";

/** Express puts the response on the request. */
type RequestWithResponse = IncomingMessage & { res?: object };

const patched = new WeakSet<object>();

/**
 * Prepares both for what a middleware of ours puts on them. The response prototype of an application is patched once;
 * mounted applications inherit from the outermost one.
 */
export function prepareExpress(req: IncomingMessage, res: object): void {
  patchExpress(res);
  keepInHashTable(req as RequestWithResponse, "res");
}

/**
 * Gives the prototype that Express makes for the requests of each application. Other servers have none: the request.
 */
export function requestPrototype(request: object): object {
  const prototype = Object.getPrototypeOf(request) as object;
  return isExpress(prototype) ? prototype : request;
}

function patchExpress(res: object): void {
  let prototype = Object.getPrototypeOf(res) as object;
  if (patched.has(prototype) || !isExpress(prototype)) return;
  patched.add(prototype);
  for (let next = prototype; isExpress(next); next = Object.getPrototypeOf(next) as object) {
    prototype = next;
  }
  patchPrototype(prototype);
}

function isExpress(prototype: object): boolean {
  return Object.hasOwn(prototype, "app");
}
