import type { ServerResponse } from "node:http";
import type { Http2ServerResponse } from "node:http2";
import { baggageOf } from "../core/conn.ts";

export type Response = ServerResponse | Http2ServerResponse;
export type Verb = "writeHead" | "write" | "end" | "flushHeaders";
export type Arguments = readonly unknown[];

/** What keeps a response back. */
interface Caller {
  call(name: Verb, args: Arguments): unknown;
}

/** What stands on a held response in the place of Node's functions: shared, so that holding makes no closures. */
export const VERBS: Readonly<Record<Verb, unknown>> = {
  writeHead: held("writeHead"),
  write: held("write"),
  end: held("end"),
  flushHeaders: held("flushHeaders"),
};

function held(name: Verb) {
  return function call(this: Response, ...args: Arguments): unknown {
    const caller = baggageOf(this.req)?.hold as Caller | undefined;
    return caller?.call(name, args);
  };
}

export const VERB_NAMES: readonly Verb[] = Object.keys(VERBS) as readonly Verb[];

/** One by one: that is many times faster than Object.assign. */
export function putVerbs(res: Response): void {
  const target = res as Record<Verb, unknown>;
  target.writeHead = VERBS.writeHead;
  target.write = VERBS.write;
  target.end = VERBS.end;
  target.flushHeaders = VERBS.flushHeaders;
}
