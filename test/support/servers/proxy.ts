/** A TCP proxy in front of a server, on which connections can break, stall and be counted. */
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";

/** When a connection breaks: instead of handing a request on, or instead of handing its answer back. */
export type Cut = "before the request" | "before the answer";

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  /** Who has spoken last. */
  last: "client" | "server";
  /** The answer to come is not handed back: the connection breaks instead. */
  doomed: boolean;
  /** What others do between that answer and the break. */
  meanwhile: (() => Promise<unknown>) | undefined;
  /** How many bytes of the answer are still handed back, before the connection ends. */
  left: number | undefined;
  /** What the network still holds, on a connection that has stalled: it arrives although the client has gone. */
  held: Buffer[] | undefined;
}

export class Proxy {
  /** Times that a client has spoken after the server, or at all: what it waits for is a round trip. */
  trips = 0;
  /** Connections that were made. */
  connections = 0;
  /** Milliseconds by which every answer comes later. */
  delay = 0;
  #target: number;
  readonly #listener: Server;
  readonly #pairs = new Set<Pair>();
  readonly #stalled: Pair[] = [];
  readonly #held: Pair[] = [];
  #stall: string | undefined;
  #cut:
    | { readonly when: Cut; readonly mention: string; readonly meanwhile: Pair["meanwhile"] }
    | undefined;
  /** How many answers are handed back until one is lost. */
  #untilLoss = Infinity;
  #truncation: { readonly mention: string; readonly bytes: number } | undefined;
  #silent: "none" | "these" | "all" = "none";
  readonly #muted = new WeakSet<Pair>();

  private constructor(target: number) {
    this.#target = target;
    this.#listener = createServer((client) => this.#join(client));
  }

  static async before(target: number): Promise<Proxy> {
    const proxy = new Proxy(target);
    await new Promise<void>((resolve) => proxy.#listener.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port;
  }

  /**
   * The next request in which `mention` stands ends its connection.
   * @param meanwhile runs when the server has answered, and the client has neither the answer nor the break
   */
  cutNext(when: Cut, mention: string, meanwhile?: () => Promise<unknown>): void {
    this.#cut = { when, mention, meanwhile };
  }

  /** The answer of that number from now on, the first of which is 1, is lost with its connection. */
  loseAnswer(number: number): void {
    this.#untilLoss = number - 1;
  }

  /** The answer to the next request in which `mention` stands ends after so many bytes, and its connection with it. */
  truncateNext(mention: string, bytes: number): void {
    this.#truncation = { mention, bytes };
  }

  /** From the next request in which `mention` stands on, what its connection carries is under way, and answers are lost. */
  stallNext(mention: string): void {
    this.#stall = mention;
  }

  /** What was under way arrives. Gives how many connections held something. */
  arrive(): number {
    const held = this.#stalled.splice(0);
    this.#held.push(...held);
    for (const { server, held: chunks = [] } of held) {
      for (const chunk of chunks) server.write(chunk);
    }
    return held.length;
  }

  /** Connections to come go to another port, and those that there are stay: the address of a server moves. */
  moveTo(target: number): void {
    this.#target = target;
  }

  /** Whether a cut is still to come. */
  get cutting(): boolean {
    return this.#cut !== undefined;
  }

  /** Connections stay open and nothing passes: the ones there are, or those to come as well. */
  silence(whose: "these" | "all"): void {
    this.#silent = whose;
    for (const pair of this.#pairs) this.#muted.add(pair);
  }

  /** What is silent breaks; what comes now passes. */
  recover(): void {
    this.#silent = "none";
    for (const pair of this.#pairs) if (this.#muted.has(pair)) this.#end(pair);
  }

  /** Breaks every connection. */
  cutAll(): void {
    for (const pair of this.#pairs) this.#end(pair);
  }

  async close(): Promise<void> {
    this.cutAll();
    for (const { server } of this.#held) server.destroy();
    await new Promise((resolve) => this.#listener.close(resolve));
  }

  #join(client: Socket): void {
    this.connections++;
    const server = connect(this.#target, "127.0.0.1");
    const pair: Pair = {
      client,
      server,
      last: "server",
      doomed: false,
      meanwhile: undefined,
      left: undefined,
      held: undefined,
    };
    this.#pairs.add(pair);
    if (this.#silent === "all") this.#muted.add(pair);
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on("error", () => {});
      socket.on("close", () => this.#end(pair));
    }
    client.on("data", (chunk) => this.#onRequest(pair, chunk));
    server.on("data", (chunk) => this.#onAnswer(pair, chunk));
  }

  #onRequest(pair: Pair, chunk: Buffer): void {
    if (this.#muted.has(pair)) return;
    if (pair.last === "server") this.trips++;
    pair.last = "client";
    if (this.#stall !== undefined && chunk.includes(this.#stall)) {
      this.#stall = undefined;
      pair.held = [];
      this.#stalled.push(pair);
    }
    if (pair.held) {
      pair.held.push(chunk);
      return;
    }
    if (this.#cut && chunk.includes(this.#cut.mention)) {
      const { when, meanwhile } = this.#cut;
      this.#cut = undefined;
      if (when === "before the request") return this.#end(pair);
      pair.doomed = true;
      pair.meanwhile = meanwhile;
    }
    if (this.#truncation && chunk.includes(this.#truncation.mention)) {
      pair.left = this.#truncation.bytes;
      this.#truncation = undefined;
    }
    pair.server.write(chunk);
  }

  #onAnswer(pair: Pair, chunk: Buffer): void {
    if (this.#muted.has(pair) || pair.held) return;
    if (pair.doomed) return this.#break(pair);
    if (this.#untilLoss-- === 0) return this.#end(pair);
    if (pair.left !== undefined) return this.#truncate(pair, chunk, pair.left);
    pair.last = "server";
    if (this.delay === 0) pair.client.write(chunk);
    else setTimeout(() => pair.client.writable && pair.client.write(chunk), this.delay);
  }

  #truncate(pair: Pair, chunk: Buffer, left: number): void {
    pair.left = left - chunk.length;
    if (pair.left > 0) {
      pair.client.write(chunk);
      return;
    }
    this.#muted.add(pair);
    pair.client.write(chunk.subarray(0, left), () => this.#end(pair));
  }

  #break(pair: Pair): void {
    if (!pair.meanwhile) return this.#end(pair);
    this.#muted.add(pair);
    void pair.meanwhile().finally(() => this.#end(pair));
  }

  #end(pair: Pair): void {
    this.#pairs.delete(pair);
    // A reset, as of a machine that is gone.
    const sockets = pair.held ? [pair.client] : [pair.client, pair.server];
    for (const socket of sockets) if (!socket.destroyed) socket.resetAndDestroy();
  }
}
