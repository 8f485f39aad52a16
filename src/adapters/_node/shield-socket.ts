import { Socket } from "node:net";
import { isHttp2 } from "./response-head.ts";
import type { Response } from "./response-methods.ts";
import { shadow } from "./shadow.ts";

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
