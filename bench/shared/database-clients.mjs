// The same client for ours and for the peer.
import process from "node:process";
import pg from "pg";
import { createClient } from "redis";

const url = process.env["BENCH_DATABASE"] ?? "";

export async function redisClient() {
  const client = createClient({ url });
  client.on("error", (error) => console.error(error));
  return client.connect();
}

export function postgresPool() {
  return new pg.Pool({ connectionString: url, max: 10 });
}
