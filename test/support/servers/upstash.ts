/**
 * A server that speaks Upstash's protocol over HTTP, before a real Redis: a command is an array in the body of a POST, and
 * `/pipeline` and `/multi-exec` take several. Upstash's own server is not to be had.
 */
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { Redis as Upstash } from "@upstash/redis";
import type { RedisConfigNodejs } from "@upstash/redis";
import { Redis } from "ioredis";

export interface UpstashServer {
  readonly url: string;
  readonly port: number;
  /** How many commands it was asked for. */
  readonly commands: () => number;
  close(): Promise<void>;
}

/** What a client has to send. */
export const TOKEN = "token-of-a-test";

type Result = { readonly result: unknown } | { readonly error: string };

export async function startUpstash(redisUrl: string): Promise<UpstashServer> {
  // A command is sent once: what becomes of a lost answer is the client's affair.
  const redis = new Redis(redisUrl, {
    autoResendUnfulfilledCommands: false,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => 50,
  });
  redis.on("error", () => {});
  await new Promise<void>((resolve) => void redis.once("ready", resolve));
  let commands = 0;
  const one = async (command: readonly unknown[], inBase64: boolean): Promise<Result> => {
    commands++;
    const [name = "", ...args] = command.map(String);
    try {
      return { result: encoded(await redis.callBuffer(name, ...args), inBase64) };
    } catch (error) {
      return { error: (error as Error).message };
    }
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const inBase64 = request.headers["upstash-encoding"] === "base64";
    const body = JSON.parse(await text(request)) as readonly unknown[];
    const send = (status: number, content: unknown): void => {
      const json = JSON.stringify(content);
      response.writeHead(status, { "content-type": "application/json" }).end(json);
    };
    if (request.headers.authorization !== `Bearer ${TOKEN}`)
      return send(401, { error: "Unauthorized" });
    if (request.url === "/pipeline" || request.url === "/multi-exec") {
      // The commands of one connection reach the server in their order.
      return send(
        200,
        await Promise.all(body.map((each) => one(each as readonly unknown[], inBase64))),
      );
    }
    const result = await one(body, inBase64);
    send("error" in result ? 400 : 200, result);
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    commands: () => commands,
    async close() {
      redis.disconnect();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Bulk strings travel in base64 if the client asks for it; numbers never do. */
function encoded(reply: unknown, inBase64: boolean): unknown {
  if (Array.isArray(reply)) return reply.map((each) => encoded(each, inBase64));
  if (!Buffer.isBuffer(reply)) return reply;
  return reply.toString(inBase64 ? "base64" : "utf8");
}

export function openUpstash(url: string, settings: Partial<RedisConfigNodejs> = {}): Upstash {
  return new Upstash({ url, token: TOKEN, enableTelemetry: false, ...settings });
}
