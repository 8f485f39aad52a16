/** The clients of Redis and Valkey fit as they are. */
import { Cluster, Redis } from "ioredis";
import { Cluster as ValkeyCluster, Redis as Valkey } from "iovalkey";
import { createClient, createClientPool, createCluster, createSentinel } from "redis";
import { tableStore, type SessionTable } from "sojourn";
import { Redis as Upstash } from "@upstash/redis";
import { redisTable, upstashTable, type IoRedisClient, type NodeRedisClient } from "sojourn/redis";
import { exactly } from "../exactly.ts";

const table = redisTable(createClient());
exactly<typeof table, SessionTable>(true);
tableStore({ table });
redisTable(createClient({ url: process.env["REDIS_URL"] ?? "", RESP: 2 }));
redisTable(createClient({ RESP: 3 }), { prefix: "app:" });
redisTable(createClientPool());
redisTable(createCluster({ rootNodes: [{ url: "redis://localhost" }] }));
redisTable(createSentinel({ name: "sessions", sentinelRootNodes: [] }));

redisTable(new Redis());
redisTable(new Redis({ sentinels: [], name: "sessions" }), { prefix: undefined });
redisTable(new Cluster([]));
redisTable(new Valkey());
redisTable(new ValkeyCluster([]));

// What an application keeps of them fits as well.
declare const some: ReturnType<typeof createClient> | Redis;
redisTable(some);
declare const either: NodeRedisClient | IoRedisClient;
redisTable(either);

upstashTable(new Upstash({ url: "", token: "", automaticDeserialization: false }));
exactly<ReturnType<typeof upstashTable>, SessionTable>(true);
// @ts-expect-error: a client that holds a connection belongs to redisTable
upstashTable(createClient());
// @ts-expect-error: and a client over HTTP to upstashTable
redisTable(Upstash.fromEnv());

// @ts-expect-error: an address is no client
redisTable("redis://localhost");
// @ts-expect-error: neither is a promise of one
redisTable(createClient().connect());
// @ts-expect-error: nor anything else that is called so
redisTable(new Map());
// @ts-expect-error: no such option
redisTable(new Redis(), { ttl: 60 });
