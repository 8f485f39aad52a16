/** One Redis and one PostgreSQL for all of test/security/, where the machine has them. */
import type { TestProject } from "vitest/node";
import { hasPostgres, somePostgres } from "../support/servers/postgres.ts";
import { hasRedis, someRedis } from "../support/servers/redis.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** URLs. */
    readonly redis: string | undefined;
    readonly postgres: string | undefined;
  }
}

export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const redis = hasRedis ? await someRedis() : undefined;
  const postgres = hasPostgres ? await somePostgres() : undefined;
  provide("redis", redis?.url);
  provide("postgres", postgres?.url);
  return async () => {
    await redis?.stop();
    await postgres?.stop();
  };
}
