// A TCP proxy before a database, which counts round trips: times that a client speaks after the database has.
import { once } from "node:events";
import { connect, createServer } from "node:net";

export class CountingProxy {
  trips = 0;
  #server;

  /** @param {number} target a port */
  constructor(target) {
    this.#server = createServer((client) => {
      const database = connect(target, "127.0.0.1");
      let asked = false;
      client.on("data", (chunk) => {
        if (!asked) this.trips++;
        asked = true;
        database.write(chunk);
      });
      database.on("data", (chunk) => {
        asked = false;
        client.write(chunk);
      });
      for (const [one, other] of [
        [client, database],
        [database, client],
      ]) {
        one?.setNoDelay(true).on("error", () => {});
        one?.on("close", () => other?.destroy());
      }
    });
  }

  /** @returns {Promise<number>} its port */
  async listen() {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    return typeof address === "object" && address ? address.port : 0;
  }

  close() {
    this.#server.close();
  }
}
