/** Sessions in Redis or Valkey, single, behind Sentinel, or a Cluster, through a client that you already have. */
import { createHash } from "node:crypto";
import { configError, refuseUnknownOptions } from "../core/errors.ts";
import type { SessionRow, SessionTable } from "../core/store.ts";
import { judged } from "./_database-error.ts";
import { isRefusal } from "./redis/refusals.ts";

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
 * How long after its deadline the server removes a row, in milliseconds. The core judges the deadline itself, by a
 * clock that need not agree with the server's.
 */
const LATE = 300_000;
const FIELDS = ["value", "version", "expires"] as const;
/**
 * How long a deleted key refuses an insert, in milliseconds. ioredis, iovalkey and node-redis behind Sentinel send again
 * by themselves, so that an insert may arrive twice, and the second time after the row was deleted.
 */
const MARK = 15 * 60_000;

/* A row is a hash of FIELDS. Each method is one script on one key, so that it is atomic, in a Cluster as well. */
const INSERT = script(`
  if redis.call("EXISTS", KEYS[1]) == 1 then return 0 end
  redis.call("HSET", KEYS[1], "value", ARGV[1], "version", ARGV[2], "expires", ARGV[3])
  redis.call("PEXPIRE", KEYS[1], ARGV[4])
  return 1`);
const REPLACE = script(`
  local version = redis.call("HGET", KEYS[1], "version")
  if not version then return 0 end
  if version ~= ARGV[5] then return redis.call("HMGET", KEYS[1], "value", "version", "expires") end
  redis.call("HSET", KEYS[1], "value", ARGV[1], "version", ARGV[2], "expires", ARGV[3])
  redis.call("PEXPIRE", KEYS[1], ARGV[4])
  return 1`);
const TOUCH = script(`
  local row = redis.call("HMGET", KEYS[1], "version", "expires")
  if not row[1] then return 0 end
  if row[1] ~= ARGV[1] then return 2 end
  if tonumber(ARGV[2]) > tonumber(row[2]) then
    redis.call("HSET", KEYS[1], "expires", ARGV[2])
    redis.call("PEXPIRE", KEYS[1], ARGV[3])
  end
  return 1`);
const DELETE = script(`
  local version = redis.call("HGET", KEYS[1], "version")
  if not version then return 0 end
  if ARGV[1] ~= "" and version ~= ARGV[1] then
    return redis.call("HMGET", KEYS[1], "value", "version", "expires")
  end
  redis.call("DEL", KEYS[1])
  redis.call("HSET", KEYS[1], "deleted", "1")
  redis.call("PEXPIRE", KEYS[1], ${MARK})
  return 1`);

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
  if (typeof prefix !== "string") throw configError(`prefix must be text, got ${typeof prefix}`);
  const { run, read } = commandsOf(client);
  const fields = ({ value, version, expiresAt }: SessionRow, now: number): string[] => [
    value,
    String(version),
    String(expiresAt),
    timeToLive(expiresAt, now),
  ];
  return {
    async get(key) {
      return toRow(await read(prefix + key));
    },
    async getMany(keys) {
      // The commands of one turn go to the server together. A Cluster has these rows on several servers.
      return Promise.all(keys.map(async (key) => [key, toRow(await read(prefix + key))] as const));
    },
    async insert(key, row, now) {
      return Number(await run(INSERT, prefix + key, fields(row, now))) === 1;
    },
    async replace(key, version, row, now) {
      return toResult(await run(REPLACE, prefix + key, [...fields(row, now), String(version)]));
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

/** Gives how long the server keeps a row, in milliseconds from now. */
function timeToLive(expiresAt: number, now: number): string {
  return String(Math.max(0, Math.ceil(expiresAt - now)) + LATE);
}

interface Script {
  readonly text: string;
  readonly sha1: string;
}

function script(text: string): Script {
  return { text, sha1: createHash("sha1").update(text).digest("hex") };
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
      "redisTable(createClient()). A client over HTTP, such as @upstash/redis, cannot run this table's scripts",
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
