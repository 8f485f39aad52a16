import * as http from "node:http";
import * as http2 from "node:http2";
import * as https from "node:https";
import type { HostDriver, ServeOptions } from "./app.ts";

export type Listener = (req: http.IncomingMessage, res: http.ServerResponse) => unknown;

/** A server of Node's own for a listener. */
export function createServer(
  listener: Listener,
  protocol: HostDriver["protocol"],
  { tls }: ServeOptions,
): http.Server {
  if (protocol === "http/1.1") {
    return tls ? https.createServer(tls, listener) : http.createServer(listener);
  }
  // The compatibility layer promises to be used like node:http; its types say only half of it.
  const listener2 = listener as unknown as (
    req: http2.Http2ServerRequest,
    res: http2.Http2ServerResponse,
  ) => void;
  const server = tls ? http2.createSecureServer(tls, listener2) : http2.createServer(listener2);
  return server as unknown as http.Server;
}
