import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A server that listens as soon as somebody asks for its port, unless it does so already. */
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

  /** Stops it, if it was started here. */
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
    // Neither the server nor a connection keeps the process alive: a test may forget to close its client.
    server.on("connection", (socket) => void socket.unref());
    server.listen(0, "localhost");
    await once(server, "listening");
    server.unref();
  }
}
