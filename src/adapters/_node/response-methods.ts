/** The methods of ours that stand on a response, in front of those that could send something of it. */
import type { ServerResponse } from "node:http";
import type { Http2ServerResponse } from "node:http2";
import { findRequestState } from "../../core/request/attach.ts";
import { keepInHashTable } from "./hash-table.ts";
import { callUnseen } from "./late-look.ts";

export type Response = ServerResponse | Http2ServerResponse;
export type MethodName = "writeHead" | "write" | "end" | "flushHeaders";
export type Arguments = readonly unknown[];
/** The methods by which something of a response can leave. */
export type ResponseMethods = Readonly<Record<MethodName, unknown>>;

/** Methods of ours, and those that they call if nothing holds the response. */
export interface PatchedMethods {
  readonly ours: ResponseMethods;
  readonly inner: ResponseMethods;
}

/** What holds a response back. */
export interface Holder {
  /** @param methods through which of our methods the call came: several may stand on one response */
  call(methods: PatchedMethods, name: MethodName, args: Arguments): unknown;
}

const METHOD_NAMES: readonly MethodName[] = ["writeHead", "write", "end", "flushHeaders"];

const PATCHED = Symbol("sojourn.patched");

type Carrier = { [PATCHED]?: PatchedMethods };

/**
 * Puts methods of ours on a response, before its handler runs: in `res.end(getSession(req))` JavaScript looks `end` up
 * before the handler looks at the session. Gives the methods that the response has, or had.
 */
export function patchResponse(res: Response): PatchedMethods {
  const carrier = res as Carrier;
  const before = carrier[PATCHED];
  // A middleware further out may have wrapped the response before the prototype was patched.
  if (before && (Object.hasOwn(res, PATCHED) || sameMethods(methodsOf(res), before.ours))) {
    return before;
  }
  const shared = sharedMethods(Object.getPrototypeOf(res) as Response);
  const methods = sameMethods(methodsOf(res), shared.inner) ? shared : patchMethods(methodsOf(res));
  putMethods(res, methods.ours);
  carrier[PATCHED] = methods;
  return methods;
}

/**
 * The same, once, for all responses of an application. If a host changes the prototype of its responses, as Express
 * does, V8 is slow with each response that has methods of its own.
 */
export function patchPrototype(prototype: object): void {
  if (PATCHED in prototype) return;
  const methods = sharedMethods(Object.getPrototypeOf(prototype) as Response);
  Object.defineProperty(prototype, PATCHED, { value: methods, writable: true });
  for (const name of METHOD_NAMES) {
    const value = methods.ours[name];
    Object.defineProperty(prototype, name, { configurable: true, writable: true, value });
  }
}

/**
 * Puts methods of ours on a response that is to be held, outermost: a middleware further in may have wrapped those
 * that stand there already. They stand on the response itself, because Express changes the prototype of a response
 * for each application. Gives the innermost methods of ours.
 */
export function putOutermost(res: Response): PatchedMethods {
  const innermost = (res as Carrier)[PATCHED] ?? patchResponse(res);
  if (!sameMethods(methodsOf(res), innermost.ours)) {
    putMethods(res, patchMethods(methodsOf(res)).ours);
  } else if (!Object.hasOwn(res, "writeHead")) {
    keepInHashTable(res, "req");
    putMethods(res, innermost.ours);
  }
  return innermost;
}

/** Puts methods on a response, one by one: that is many times faster than Object.assign. */
export function putMethods(res: Response, methods: ResponseMethods): void {
  const target = res as Record<MethodName, unknown>;
  target.writeHead = methods.writeHead;
  target.write = methods.write;
  target.end = methods.end;
  target.flushHeaders = methods.flushHeaders;
}

const known = new WeakMap<object, PatchedMethods>();

/** All responses with one prototype share their methods, so that to patch one response makes no function. */
function sharedMethods(prototype: Response): PatchedMethods {
  let methods = known.get(prototype);
  if (!methods) {
    methods = patchMethods(methodsOf(prototype));
    known.set(prototype, methods);
  }
  return methods;
}

function patchMethods(inner: ResponseMethods): PatchedMethods {
  const methods: PatchedMethods = {
    ours: {
      writeHead: ourMethod("writeHead"),
      write: ourMethod("write"),
      end: ourMethod("end"),
      flushHeaders: ourMethod("flushHeaders"),
    },
    inner,
  };
  function ourMethod(name: MethodName): unknown {
    const plain = inner[name] as () => unknown;
    return function method(this: Response, ...args: Arguments): unknown {
      const state = findRequestState(this.req);
      if (!state) return Reflect.apply(plain, this, args);
      const holder = state.response as Holder | undefined;
      return holder
        ? holder.call(methods, name, args)
        : callUnseen(this, state, methods, name, args);
    };
  }
  return methods;
}

function methodsOf(res: Response): ResponseMethods {
  // They are called with the response as `this`. HTTP/2's response has flushHeaders as well; its types do not say so.
  // oxlint-disable-next-line typescript/unbound-method
  const { writeHead, write, end, flushHeaders } = res as ServerResponse;
  return { writeHead, write, end, flushHeaders };
}

function sameMethods(a: ResponseMethods, b: ResponseMethods): boolean {
  return (
    a.writeHead === b.writeHead &&
    a.write === b.write &&
    a.end === b.end &&
    a.flushHeaders === b.flushHeaders
  );
}
