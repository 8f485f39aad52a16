import type { ServerResponse } from "node:http";
import { giveBaggage } from "../core/conn.ts";
import { Hold, VERBS, VERB_NAMES, holdOf } from "./hold.ts";
import type { Arguments, Gate, Inner, Response } from "./hold.ts";

const INNER = Symbol("sojourn.inner");

/**
 * Keeps a response back until its session is committed; where that answers at once, nothing is kept. A second
 * gate on the same response is one more commit before the same head.
 */
export function holdResponse(res: Response, gate: Gate): void {
  if (res.headersSent) return;
  const hold = holdOf(res);
  if (hold) {
    hold.add(gate);
    return;
  }
  const prepared = (res as { readonly [INNER]?: Inner })[INNER];
  const wrapped = VERB_NAMES.some((name) => Object.hasOwn(res, name));
  if (prepared && !wrapped) {
    giveBaggage(res.req).hold = new Hold(res, prepared, gate, true);
  } else {
    giveBaggage(res.req).hold = new Hold(res, innerOf(res), gate, false);
    Object.assign(res, VERBS);
  }
}

/**
 * Makes ready, once, what all responses of an application have in common. Without it every held response gets
 * functions of its own, which is slow on an object whose prototype was changed, as Express does.
 */
export function prepareResponses(prototype: object): void {
  if (INNER in prototype) return;
  const inner = innerOf(Object.getPrototypeOf(prototype) as Response);
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

function innerOf(res: Response): Inner {
  // Called with the response as `this` in #forward. HTTP/2's response has flushHeaders as well; its types do
  // not say so.
  // oxlint-disable-next-line typescript/unbound-method
  const { writeHead, write, end, flushHeaders } = res as ServerResponse;
  return { writeHead, write, end, flushHeaders };
}
