/** Sessions in Redis or Valkey, single, behind Sentinel, or a Cluster, through a client that you already have. */
import { configError, refuseUnknownOptions } from "../core/errors.ts";
import type { SessionRow, SessionTable } from "../core/store.ts";
import { judged } from "./_database-error.ts";
import { isRefusal } from "./redis/refusals.ts";
import {
  DELETE,
  FIELDS,
  INSERT,
  REPLACE,
  TOUCH,
  checkPrefix,
  rowArguments,
  timeToLive,
} from "./redis/scripts.ts";
import type { Script } from "./redis/scripts.ts";

export { upstashTable } from "./redis/upstash.ts";
export type { UpstashClient, UpstashTableOptions } from "./redis/upstash.ts";

/**
 * The part of a node-redis client that the table calls: `createClient`, `createClientPool`, `createCluster`,
 * `createSentinel`.
 */
export interface NodeRedisClient {
  eval(script: string, options: ScriptCall): Promise<unknown>;
  evalSha(sha1: string, options: ScriptCall): Promise<unknown>;
  hmGet(key: string, fields: string[]): Promise<readonly unknown[]>;
}

interface ScriptCall {
  keys: string[];
  arguments: string[];
}

/** The part of an ioredis or iovalkey client that the table calls: `Redis` and `Cluster`. */
export interface IoRedisClient {
  eval(script: string, keys: number, ...args: string[]): Promise<unknown>;
  evalsha(sha1: string, keys: number, ...args: string[]): Promise<unknown>;
  hmget(key: string, ...fields: string[]): Promise<readonly unknown[]>;
}

/** Options of {@link redisTable}. */
export interface RedisTableOptions {
  /** The beginning of every key. Default `"sojourn:"`. */
  readonly prefix?: string | undefined;
}

/**
 * Makes a table in Redis 5 or later, or Valkey. Each method takes one round trip. A conflict returns the current row in
 * the same round trip.
 * @throws ERR_SESSION_CONFIG for anything but a client of node-redis, ioredis or iovalkey
 * @example
 * ```ts
 * import { createClient } from "redis";
 * import { tableStore } from "sojourn";
 * import { redisTable } from "sojourn/redis";
 *
 * const client = await createClient().connect();
 * const store = tableStore({ table: redisTable(client, { prefix: "shop:" }) });
 * ```
 */
export function redisTable(
  client: NodeRedisClient | IoRedisClient,
  options: RedisTableOptions = {},
): SessionTable {
  const { prefix = "sojourn:", ...others } = options;
  refuseUnknownOptions("redisTable", others, ["prefix"]);
  checkPrefix(prefix);
  const { run, read } = commandsOf(client);
  return {
    async get(key) {
      return toRow(await read(prefix + key));
    },
    async getMany(keys) {
      // The commands of one turn go to the server together. A Cluster has these rows on several servers.
      return Promise.all(keys.map(async (key) => [key, toRow(await read(prefix + key))] as const));
    },
    async insert(key, row, now) {
      return Number(await run(INSERT, prefix + key, rowArguments(row, now))) === 1;
    },
    async replace(key, version, row, now) {
      return toResult(
        await run(REPLACE, prefix + key, [...rowArguments(row, now), String(version)]),
      );
    },
    async touch(key, version, expiresAt, now) {
      const args = [String(version), String(expiresAt), timeToLive(expiresAt, now)];
      const answer = Number(await run(TOUCH, prefix + key, args));
      if (answer === 1) return "done";
      return answer === 0 ? "gone" : "conflict";
    },
    async delete(key, version) {
      return toResult(await run(DELETE, prefix + key, [String(version ?? "")]));
    },
  };
}

interface Commands {
  readonly run: (script: Script, key: string, args: string[]) => Promise<unknown>;
  readonly read: (key: string) => Promise<readonly unknown[]>;
}

/** The two families of clients call the same commands differently. */
function commandsOf(client: NodeRedisClient | IoRedisClient): Commands {
  if (typeof client === "object" && client !== null && "evalSha" in client) {
    return {
      run: ({ text, sha1 }, key, args) => {
        const call = { keys: [key], arguments: args };
        return cached(client.evalSha(sha1, call), () => client.eval(text, call));
      },
      read: (key) => client.hmGet(key, [...FIELDS]),
    };
  }
  if (
    typeof client === "object" &&
    client !== null &&
    "evalsha" in client &&
    "defineCommand" in client
  ) {
    return {
      run: ({ text, sha1 }, key, args) =>
        cached(client.evalsha(sha1, 1, key, ...args), () => client.eval(text, 1, key, ...args)),
      read: (key) => client.hmget(key, ...FIELDS),
    };
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

/** Reads an answer. Depending on the client's settings, numbers may come as text, and text may come as bytes. */
function toResult(answer: unknown): "done" | "gone" | SessionRow {
  if (Array.isArray(answer)) return toRow(answer) ?? "gone";
  return Number(answer) === 1 ? "done" : "gone";
}

function toRow([value, version, expires]: readonly unknown[]): SessionRow | undefined {
  if (value === null || value === undefined) return undefined;
  const text = typeof value === "string" ? value : Buffer.from(value as Uint8Array).toString();
  return { value: text, version: Number(version), expiresAt: Number(expires) };
}
