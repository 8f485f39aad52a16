import { configError } from "../../core/errors.ts";
import { judged } from "../_database-error.ts";
import { isRefusal } from "./refusals.ts";
import type { Script } from "./scripts.ts";

/**
 * The part of a node-redis client that the table calls: `createClient`, `createClientPool`, `createCluster`,
 * `createSentinel`.
 */
export interface NodeRedisClient {
  eval(script: string, options: ScriptCall): Promise<unknown>;
  evalSha(sha1: string, options: ScriptCall): Promise<unknown>;
}

interface ScriptCall {
  keys: string[];
  arguments: string[];
}

/** The part of an ioredis or iovalkey client that the table calls: `Redis` and `Cluster`. */
export interface IoRedisClient {
  eval(script: string, keys: number, ...args: string[]): Promise<unknown>;
  evalsha(sha1: string, keys: number, ...args: string[]): Promise<unknown>;
}

/** Runs a script on one key. */
export type Run = (script: Script, key: string, args: readonly string[]) => Promise<unknown>;

/** The two families of clients call the same commands differently. @throws ERR_SESSION_CONFIG for anything else */
export function runnerOf(client: NodeRedisClient | IoRedisClient): Run {
  if (typeof client === "object" && client !== null && "evalSha" in client) {
    return ({ text, sha1 }, key, args) => {
      const call = { keys: [key], arguments: [...args] };
      return cached(client.evalSha(sha1, call), () => client.eval(text, call));
    };
  }
  if (
    typeof client === "object" &&
    client !== null &&
    "evalsha" in client &&
    "defineCommand" in client
  ) {
    return ({ text, sha1 }, key, args) =>
      cached(client.evalsha(sha1, 1, key, ...args), () => client.eval(text, 1, key, ...args));
  }
  throw configError(
    "redisTable takes a client of node-redis 4 or later, ioredis or iovalkey, which hold a connection; for example " +
      "redisTable(createClient()). A client of @upstash/redis, which is over HTTP, belongs to upstashTable",
  );
}

/** Runs a script by its digest. A server that was restarted, or has taken over, gets the whole text once. */
async function cached(asked: Promise<unknown>, sendText: () => Promise<unknown>): Promise<unknown> {
  try {
    return await asked.catch((error: unknown) => {
      if (error instanceof Error && error.message.startsWith("NOSCRIPT")) return sendText();
      throw error;
    });
  } catch (error) {
    throw judged(error, isRefusal);
  }
}
