/** Stores of express-session from npm, each opened as its own page says. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import expressSession from "express-session";
import { Pool } from "pg";
import { createClient } from "redis";
import { MemoryStore } from "../../../src/adapters/express-session.ts";
import { hasPostgres, somePostgres } from "../../support/servers/postgres.ts";
import { hasRedis, someRedis } from "../../support/servers/redis.ts";
import { load } from "../../tools/load.mjs";

export interface OpenedStore {
  readonly store: expressSession.Store;
  close(): Promise<unknown>;
}

export interface StoreKind {
  readonly name: string;
  /** Why it cannot be opened here. */
  readonly missing?: string;
  open(): Promise<OpenedStore>;
}

const nothing = async (): Promise<void> => {};

type Factory = (session: typeof expressSession) => new (options: object) => expressSession.Store;

async function factory(name: string): Promise<Factory> {
  return ((await load(name)) as { default: Factory }).default;
}

export const STORE_KINDS: readonly StoreKind[] = [
  {
    name: "our MemoryStore",
    open: async () => ({ store: new MemoryStore(), close: nothing }),
  },
  {
    name: "MemoryStore of express-session",
    open: async () => ({ store: new expressSession.MemoryStore(), close: nothing }),
  },
  {
    name: "memorystore",
    async open() {
      const Store = (await factory("memorystore"))(expressSession);
      return { store: new Store({}), close: nothing };
    },
  },
  {
    name: "session-file-store",
    async open() {
      const Store = (await factory("session-file-store"))(expressSession);
      const path = mkdtempSync(join(tmpdir(), "sojourn-sessions-"));
      const store = new Store({ path, retries: 0, reapInterval: -1, logFn: () => {} });
      return { store, close: async () => rmSync(path, { recursive: true, force: true }) };
    },
  },
  {
    name: "connect-redis",
    ...(!hasRedis && { missing: "redis-server" }),
    async open() {
      const server = await someRedis();
      const client = createClient({ url: server.url });
      await client.connect();
      const { RedisStore } = (await load("connect-redis")) as {
        RedisStore: new (options: object) => expressSession.Store;
      };
      const close = async (): Promise<void> => {
        client.destroy();
        await server.stop();
      };
      return { store: new RedisStore({ client }), close };
    },
  },
  {
    name: "connect-pg-simple",
    ...(!hasPostgres && { missing: "PostgreSQL" }),
    async open() {
      const server = await somePostgres();
      const pool = new Pool({ connectionString: server.url });
      const Store = (await factory("connect-pg-simple"))(expressSession);
      const store = new Store({ pool, createTableIfMissing: true, pruneSessionInterval: false });
      const close = async (): Promise<void> => {
        await pool.end();
        await server.stop();
      };
      return { store, close };
    },
  },
];
