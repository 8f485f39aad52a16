import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A server that begins to listen when its port is first asked for, unless it listens already. */
export class LocalServer {
  readonly #server: Server;
  #starting: Promise<void> | undefined;

  constructor(server: Server) {
    this.#server = server;
  }

  async port(): Promise<number> {
    if (!this.#server.listening) await (this.#starting ??= this.#start());
    return (this.#server.address() as AddressInfo).port;
  }

  /** Stops the server, if this object has started it. */
  async close(): Promise<void> {
    if (!this.#starting) return;
    await this.#starting;
    this.#starting = undefined;
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #start(): Promise<void> {
    const server = this.#server;
    // Neither the server nor a connection keeps the process alive, because a test may forget to close its client.
    server.on("connection", (socket) => void socket.unref());
    server.listen(0, "localhost");
    await once(server, "listening");
    server.unref();
  }
}
