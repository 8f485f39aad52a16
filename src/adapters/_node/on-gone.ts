import type { Socket } from "node:net";
import { isGone, isHttp2 } from "./response-head.ts";
import type { Response } from "./response-methods.ts";

/** Those that wait for the end of a connection. They share a listener, because Node warns of more than ten. */
const waiting = new WeakMap<Socket, Set<() => void>>();

/** Calls `told` when the response is gone, or has left. May call it more than once. */
export function onGone(res: Response, told: () => void): void {
  if (isGone(res)) {
    told();
    return;
  }
  res.once("close", told);
  // A response that waits behind another one on its connection never hears that the connection has ended.
  if (!isHttp2(res) && !res.socket) waitFor(res.req.socket, res, told);
}

function waitFor(socket: Socket, res: Response, told: () => void): void {
  const all = waiting.get(socket) ?? new Set();
  if (!waiting.has(socket)) {
    waiting.set(socket, all);
    socket.once("close", () => {
      for (const each of all) each();
    });
  }
  all.add(told);
  res.once("close", () => all.delete(told));
}
