/** Clients of Redis as docs/stores/redis.md tells to make them; tests that wait for a time-out shorten it. */
import { Redis, Cluster as RedisCluster } from "ioredis";
import { Redis as Valkey } from "iovalkey";
import { createClient, createCluster, createSentinel } from "redis";
import type { IoRedisClient, NodeRedisClient } from "../../../src/tables/redis.ts";
import type { RedisGroup, Sentinels } from "./redis.ts";

export interface OpenRedisClient {
  readonly client: IoRedisClient | NodeRedisClient;
  /** What the client has told of connections that broke. */
  readonly errors: unknown[];
  close(): void;
}

type OpenRedis = (url: string, socketTimeout?: number) => Promise<OpenRedisClient>;

export async function openNodeRedis(url: string, socketTimeout = 3000): Promise<OpenRedisClient> {
  const client = createClient({
    url,
    socket: {
      connectTimeout: 2000,
      socketTimeout,
      reconnectStrategy: (retries) => Math.min(50 * 2 ** retries, 1000),
    },
  });
  const errors: unknown[] = [];
  client.on("error", (error) => errors.push(error));
  await client.connect();
  const watch = setInterval(() => {
    if (!client.isReady) return;
    const late = setTimeout(() => {
      client.destroy();
      client.connect().catch((error: unknown) => errors.push(error));
    }, socketTimeout);
    client.ping().then(
      () => clearTimeout(late),
      () => clearTimeout(late),
    );
  }, socketTimeout / 3);
  const close = (): void => {
    clearInterval(watch);
    client.destroy();
  };
  return { client, errors, close };
}

export async function openIoRedis(url: string, socketTimeout = 3000): Promise<OpenRedisClient> {
  const client = new Redis(url, {
    connectTimeout: 2000,
    socketTimeout,
    maxRetriesPerRequest: 1,
    reconnectOnError: (error) => error.message.includes("READONLY"),
  });
  const errors: unknown[] = [];
  client.on("error", (error) => errors.push(error));
  return { client, errors, close: () => client.disconnect() };
}

export async function openIoValkey(url: string, socketTimeout = 3000): Promise<OpenRedisClient> {
  const client = new Valkey(url, {
    connectTimeout: 2000,
    socketTimeout,
    maxRetriesPerRequest: 1,
    reconnectOnError: (error) => error.message.includes("READONLY"),
  });
  const errors: unknown[] = [];
  client.on("error", (error) => errors.push(error));
  return { client, errors, close: () => client.disconnect() };
}

export const REDIS_CLIENTS: readonly (readonly [name: string, open: OpenRedis])[] = [
  ["node-redis", openNodeRedis],
  ["ioredis", openIoRedis],
  ["iovalkey", openIoValkey],
];

export const CLUSTER_CLIENTS: readonly (readonly [
  name: string,
  open: (cluster: RedisGroup) => Promise<OpenRedisClient>,
])[] = [
  [
    "node-redis",
    async ({ nodes }) => {
      const client = createCluster({
        rootNodes: nodes.map(({ url }) => ({ url })),
        defaults: { socket: { connectTimeout: 2000 } },
      });
      const errors: unknown[] = [];
      client.on("error", (error) => errors.push(error));
      await client.connect();
      return { client, errors, close: () => client.destroy() };
    },
  ],
  [
    "ioredis",
    async ({ nodes }) => {
      const client = new RedisCluster(
        nodes.map(({ port }) => ({ host: "127.0.0.1", port })),
        { redisOptions: { connectTimeout: 2000, socketTimeout: 3000, maxRetriesPerRequest: 1 } },
      );
      const errors: unknown[] = [];
      client.on("error", (error) => errors.push(error));
      return { client, errors, close: () => client.disconnect() };
    },
  ],
];

export const SENTINEL_CLIENTS: readonly (readonly [
  name: string,
  open: (sentinels: Sentinels) => Promise<OpenRedisClient>,
])[] = [
  [
    "node-redis",
    async ({ name, sentinels }) => {
      const client = createSentinel({ name, sentinelRootNodes: [...sentinels] });
      const errors: unknown[] = [];
      client.on("error", (error) => errors.push(error));
      await client.connect();
      return { client, errors, close: () => void client.destroy() };
    },
  ],
  [
    "ioredis",
    async ({ name, sentinels }) => {
      const client = new Redis({
        name,
        sentinels: [...sentinels],
        connectTimeout: 2000,
        socketTimeout: 3000,
        maxRetriesPerRequest: 1,
      });
      const errors: unknown[] = [];
      client.on("error", (error) => errors.push(error));
      return { client, errors, close: () => client.disconnect() };
    },
  ],
];
