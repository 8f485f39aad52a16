import type { ServerResponse } from "node:http";
import { giveBaggage } from "../core/conn.ts";
import { Hold, holdOf } from "./hold.ts";
import type { Gate, Inner } from "./hold.ts";
import { VERB_NAMES, putVerbs } from "./hold-verbs.ts";
import type { Arguments, Response } from "./hold-verbs.ts";

const INNER = Symbol("sojourn.inner");

/**
 * Keeps a response back until its session is committed; where that answers at once, nothing is kept. A second
 * gate on the same response is one more commit before the same head. Gives `false` when the head has left already.
 */
export function holdResponse(res: Response, gate: Gate): boolean {
  if (res.headersSent) return false;
  const baggage = giveBaggage(res.req);
  if (baggage.hold) {
    (baggage.hold as Hold).add(gate);
    return true;
  }
  const wrapped = VERB_NAMES.some((name) => Object.hasOwn(res, name));
  const inner = wrapped ? undefined : (res as { readonly [INNER]?: Inner })[INNER];
  baggage.hold = new Hold(res, inner ?? innerOf(res, wrapped), gate, inner !== undefined);
  if (!inner) putVerbs(res);
  return true;
}

/**
 * Makes ready, once, what all responses of an application have in common. Without it every held response gets
 * functions of its own, which is slow on an object whose prototype was changed, as Express does.
 */
export function prepareResponses(prototype: object): void {
  if (INNER in prototype) return;
  const inner = innerOf(Object.getPrototypeOf(prototype) as Response, false);
  Object.defineProperty(prototype, INNER, { value: inner });
  for (const name of VERB_NAMES) {
    const plain = inner[name] as () => unknown;
    Object.defineProperty(prototype, name, {
      configurable: true,
      writable: true,
      value(this: Response, ...args: Arguments): unknown {
        const hold = holdOf(this);
        if (hold?.onPrototype) return hold.call(name, args);
        return Reflect.apply(plain, this, args);
      },
    });
  }
}

const prepared = new WeakMap<object, object>();

/**
 * The same for one response of a server without applications, before its handler runs: in `res.end(getSession(req))`
 * the function is looked up before the session is looked at, and has to be ours already.
 */
export function prepareResponse(res: object): void {
  const prototype = Object.getPrototypeOf(res) as object;
  if (INNER in prototype) return;
  let ready = prepared.get(prototype);
  if (!ready) {
    ready = Object.create(prototype) as object;
    prepareResponses(ready);
    prepared.set(prototype, ready);
  }
  Object.setPrototypeOf(res, ready);
}

function innerOf(res: Response, wrapped: boolean): Inner {
  // Called with the response as `this` in #forward. HTTP/2's response has flushHeaders as well; its types do
  // not say so.
  // oxlint-disable-next-line typescript/unbound-method
  const { writeHead, write, end, flushHeaders } = res as ServerResponse;
  return { writeHead, write, end, flushHeaders, wrapped };
}
