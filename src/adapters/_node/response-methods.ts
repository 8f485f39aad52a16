import type { ServerResponse } from "node:http";
import type { Http2ServerResponse } from "node:http2";
import { baggageOf } from "../../core/request/attach.ts";

export type Response = ServerResponse | Http2ServerResponse;
export type Verb = "writeHead" | "write" | "end" | "flushHeaders";
export type Arguments = readonly unknown[];
/** The functions by which something of a response can leave. */
export type Verbs = Readonly<Record<Verb, unknown>>;

/** Functions of ours, and those that they call when nothing keeps the response back. */
export interface Ready {
  readonly ours: Verbs;
  readonly inner: Verbs;
  /** Whether the inner ones are a middleware's, further out, and not Node's. */
  readonly wrapped: boolean;
}

/** What keeps a response back. */
interface Caller {
  /** What it was made from: its own functions call it, and no others. */
  readonly ready: Ready;
  call(name: Verb, args: Arguments): unknown;
}

export const VERB_NAMES: readonly Verb[] = ["writeHead", "write", "end", "flushHeaders"];

export function createReady(inner: Verbs, wrapped: boolean): Ready {
  const ready: Ready = {
    ours: {
      writeHead: ourVerb("writeHead"),
      write: ourVerb("write"),
      end: ourVerb("end"),
      flushHeaders: ourVerb("flushHeaders"),
    },
    inner,
    wrapped,
  };
  function ourVerb(name: Verb): unknown {
    const plain = inner[name] as () => unknown;
    return function verb(this: Response, ...args: Arguments): unknown {
      const hold = baggageOf(this.req)?.hold as Caller | undefined;
      return hold?.ready === ready ? hold.call(name, args) : Reflect.apply(plain, this, args);
    };
  }
  return ready;
}

export function verbsOf(res: Response): Verbs {
  // Called with the response as `this`. HTTP/2's response has flushHeaders as well; its types do not say so.
  // oxlint-disable-next-line typescript/unbound-method
  const { writeHead, write, end, flushHeaders } = res as ServerResponse;
  return { writeHead, write, end, flushHeaders };
}

/** One by one: that is many times faster than Object.assign. */
export function putVerbs(res: Response, verbs: Verbs): void {
  const target = res as Record<Verb, unknown>;
  target.writeHead = verbs.writeHead;
  target.write = verbs.write;
  target.end = verbs.end;
  target.flushHeaders = verbs.flushHeaders;
}
