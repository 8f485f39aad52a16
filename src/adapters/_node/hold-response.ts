import { giveBaggage } from "../../core/request/attach.ts";
import { Hold } from "./held-response.ts";
import type { Gate } from "./held-response.ts";
import { VERB_NAMES, createReady, putVerbs, verbsOf } from "./response-methods.ts";
import type { Ready, Response, Verbs } from "./response-methods.ts";

const READY = Symbol("sojourn.ready");

type Carrier = { [READY]?: Ready };

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
  let ready = prepareResponse(res);
  if (!sameVerbs(verbsOf(res), ready.ours)) {
    // A middleware further in has wrapped what we made ready: what it would write is held as well.
    ready = createReady(verbsOf(res), true);
    putVerbs(res, ready.ours);
  }
  baggage.hold = new Hold(res, ready, gate);
  return true;
}

/**
 * Gives a response functions of ours, before its handler runs: in `res.end(getSession(req))` the function is
 * looked up before the session is looked at. Gives what it has, or had, made ready.
 */
export function prepareResponse(res: Response): Ready {
  const carrier = res as Carrier;
  const before = carrier[READY];
  if (before) return before;
  const plain = readyFor(Object.getPrototypeOf(res) as Response);
  const ready = sameVerbs(verbsOf(res), plain.inner) ? plain : createReady(verbsOf(res), true);
  putVerbs(res, ready.ours);
  carrier[READY] = ready;
  return ready;
}

/**
 * The same, once, for all responses of an application. Functions of its own would make each of them slow, where
 * the host has changed the prototype of its responses, as Express does.
 */
export function prepareResponses(prototype: object): void {
  if (READY in prototype) return;
  const ready = readyFor(Object.getPrototypeOf(prototype) as Response);
  Object.defineProperty(prototype, READY, { value: ready });
  for (const name of VERB_NAMES) {
    const value = ready.ours[name];
    Object.defineProperty(prototype, name, { configurable: true, writable: true, value });
  }
}

const known = new WeakMap<object, Ready>();

/** What all responses with one prototype share, so that to prepare one makes nothing. */
function readyFor(prototype: Response): Ready {
  let ready = known.get(prototype);
  if (!ready) {
    ready = createReady(verbsOf(prototype), false);
    known.set(prototype, ready);
  }
  return ready;
}

function sameVerbs(a: Verbs, b: Verbs): boolean {
  return (
    a.writeHead === b.writeHead &&
    a.write === b.write &&
    a.end === b.end &&
    a.flushHeaders === b.flushHeaders
  );
}
