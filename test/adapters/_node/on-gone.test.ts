import * as http from "node:http";
import * as net from "node:net";
import { once } from "node:events";
import { describe, expect, onTestFinished, test } from "vitest";
import { onGone } from "../../../src/adapters/_node/on-gone.ts";
import { start } from "../../contracts/hosts/world.ts";

/** More than the listeners of one object of which Node warns. */
const REQUESTS = 12;

/** Requests that a client has sent at once on one connection. The first is under way, and the others wait behind it. */
async function pipelined(
  take: (res: http.ServerResponse, at: number) => void,
): Promise<{ readonly client: net.Socket; readonly socket: net.Socket }> {
  let taken = 0;
  let allTaken = (_socket: net.Socket): void => {};
  const taking = new Promise<net.Socket>((done) => (allTaken = done));
  const { port } = await start(
    http.createServer((req, res) => {
      req.resume();
      take(res, taken);
      taken += 1;
      if (taken === REQUESTS) allTaken(req.socket);
    }),
  );
  const client = net.connect(port, "127.0.0.1").on("error", () => {});
  client.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(REQUESTS));
  return { client, socket: await taking };
}

describe("L14: a response that waits behind another one on its connection", () => {
  test("a waiting response is told when the client has gone, and Node has nothing to warn of", async () => {
    const warnings: unknown[] = [];
    const warned = (warning: unknown): void => void warnings.push(warning);
    process.on("warning", warned);
    onTestFinished(() => void process.off("warning", warned));
    const told = new Set<number>();
    const { client, socket } = await pipelined((res, at) => onGone(res, () => told.add(at)));
    expect(told.size).toBe(0);
    const closed = once(socket, "close");
    client.destroy();
    await closed;
    await new Promise((done) => setImmediate(done));
    expect([...told].toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: REQUESTS }, (_, at) => at),
    );
    expect(warnings).toEqual([]);
  });

  test("a waiting response is told at once if the client had gone before", async () => {
    const waiting: http.ServerResponse[] = [];
    const { client, socket } = await pipelined((res) => waiting.push(res));
    const closed = once(socket, "close");
    client.destroy();
    await closed;
    let told = 0;
    for (const res of waiting) onGone(res, () => (told += 1));
    expect(told).toBe(REQUESTS);
  });
});
