/**
 * What a held response shows: the handler has called `writeHead`, `write` or `end`, so to everybody else the head was
 * sent, and after `end` the answer has ended, as on a response of Node that nobody holds.
 */
import { Socket } from "node:net";
import type { ServerResponse } from "node:http";
import { isHttp2 } from "./response-head.ts";
import type { Response } from "./response-methods.ts";

/** Stands in the place of the head that Node will make. It never leaves. */
const HELD_HEAD = "held\r\n\r\n";

/** Node's field: all that decides whether the head was sent, for Node itself and for others, such as compression 1.7. */
type Http1 = ServerResponse & { _header: string | null };

/** @returns what takes the mask off again */
export function maskAsSent(res: Response): () => void {
  return isHttp2(res) ? maskHttp2(res) : maskHttp1(res as Http1);
}

function maskHttp1(res: Http1): () => void {
  if (res._header) return () => {};
  // With it Node itself refuses setHeader, appendHeader, removeHeader and a second writeHead.
  res._header = HELD_HEAD;
  return () => {
    if (res._header === HELD_HEAD) res._header = null;
  };
}

function maskHttp2(res: Exclude<Response, ServerResponse>): () => void {
  const refuse = (): never => {
    throw http2HeadIsSent();
  };
  return shadow(res, {
    headersSent: { get: () => true },
    setHeader: { value: refuse },
    appendHeader: { value: refuse },
    removeHeader: { value: refuse },
  });
}

/** What HTTP/2 throws at whoever writes a header too late. */
export function http2HeadIsSent(): Error {
  return Object.assign(new Error("Response has already been initiated."), {
    code: "ERR_HTTP2_HEADERS_SENT",
  });
}

/**
 * The same after `end`.
 * @returns what takes the mask off again
 */
export function maskAsEnded(res: Response): () => void {
  // Adapters of serverless platforms ask whether the answer has ended, and then take what is there. They have no
  // socket, and hear the truth.
  if (!isHttp2(res) && !(res.req.socket instanceof Socket)) return () => {};
  return shadow(res, {
    writableEnded: { get: () => true },
    finished: { get: () => true, set: () => {} },
    writableFinished: { get: () => false },
  });
}

/**
 * Lets an answer that the handler has ended leave, also if somebody then closes the connection: Express does so for an
 * error that comes after the answer. Node would have sent the answer before.
 * @returns what takes the shield off again, and closes the connection if somebody wanted that
 */
export function shieldSocket(res: Response): () => void {
  const { socket } = res.req;
  if (isHttp2(res) || !(socket instanceof Socket) || Object.hasOwn(socket, "destroy")) {
    return () => {};
  }
  // oxlint-disable-next-line typescript/unbound-method -- it is called with the socket as `this`
  const { destroy } = socket;
  let isWanted = false;
  const unshield = shadow(socket, {
    destroy: {
      value(error?: Error) {
        // Node itself destroys the socket of a client that has gone.
        if (error || socket.readableEnded) return Reflect.apply(destroy, socket, [error]) as Socket;
        isWanted = true;
        return socket;
      },
    },
  });
  return () => {
    unshield();
    if (isWanted) socket.destroy();
  };
}

/** Puts properties on an object, and gives what puts back those that it had of its own. */
function shadow(object: object, properties: PropertyDescriptorMap): () => void {
  const names = Object.keys(properties);
  const before = names.map((name) => Object.getOwnPropertyDescriptor(object, name));
  for (const name of names) {
    Object.defineProperty(object, name, { ...properties[name], configurable: true });
  }
  return () => {
    for (const [at, name] of names.entries()) {
      const own = before[at];
      if (own) Object.defineProperty(object, name, own);
      else Reflect.deleteProperty(object, name);
    }
  };
}
