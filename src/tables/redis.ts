/** Sessions in Redis or Valkey, single, behind Sentinel, or a Cluster, through a client that you already have. */
import { refuseUnknownOptions } from "../core/errors.ts";
import type { SessionRow, SessionTable } from "../core/store.ts";
import { hearErrors } from "./_client-errors.ts";
import { runnerOf } from "./redis/clients.ts";
import type { IoRedisClient, NodeRedisClient } from "./redis/clients.ts";
import {
  DELETE_ROW,
  GET,
  INSERT_ROW,
  REPLACE_ROW,
  TOUCH_ROW,
  answerTo,
  toResult,
  toRow,
} from "./redis/questions.ts";
import type { Question } from "./redis/questions.ts";
import { checkPrefix, rowArguments, timeToLive } from "./redis/scripts.ts";

export { upstashTable } from "./redis/upstash.ts";
export type { UpstashClient, UpstashTableOptions } from "./redis/upstash.ts";
export type { IoRedisClient, NodeRedisClient } from "./redis/clients.ts";

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
  const run = runnerOf(client);
  hearErrors(client, "redisTable");
  const ask = async (question: Question, name: string, args: readonly string[]) => {
    const key = prefix + name;
    return answerTo(question, key, args, await run(question, key, args));
  };
  const get = async (key: string): Promise<SessionRow | undefined> =>
    toRow(await ask(GET, key, []));
  return {
    get,
    async getMany(keys) {
      // The commands of one turn go to the server together. A Cluster has these rows on several servers.
      return Promise.all(keys.map(async (key) => [key, await get(key)] as const));
    },
    async insert(key, row, now) {
      return toResult(await ask(INSERT_ROW, key, rowArguments(row, now))) === "done";
    },
    async replace(key, version, row, now) {
      const args = [...rowArguments(row, now), String(version)];
      return toResult(await ask(REPLACE_ROW, key, args));
    },
    async touch(key, version, expiresAt, now) {
      const args = [String(version), String(expiresAt), timeToLive(expiresAt, now)];
      const answer = Number((await ask(TOUCH_ROW, key, args))[0]);
      if (answer === 1) return "done";
      return answer === 0 ? "gone" : "conflict";
    },
    async delete(key, version) {
      return toResult(await ask(DELETE_ROW, key, [String(version ?? "")]));
    },
  };
}
