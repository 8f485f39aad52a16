/** Every store there is, each in a place of its own: what an attacker meets, and what one who reads it finds. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { Pool } from "pg";
import { afterAll, beforeAll, describe, inject, onTestFinished } from "vitest";
import type { SessionStore, SessionTable } from "../../../src/core/store.ts";
import { newSecret } from "../../../src/crypto/secret.ts";
import { cookieStore } from "../../../src/stores/cookie/cookie-store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { lmdbTable } from "../../../src/tables/lmdb.ts";
import { postgresTable } from "../../../src/tables/postgres.ts";
import { redisTable } from "../../../src/tables/redis.ts";
import { confideRows } from "../../support/tables/confide-rows.ts";
import { lasting } from "../../support/tables/lasting.ts";
import { confide } from "../../support/leaks.ts";
import { hasPostgres } from "../../support/servers/postgres.ts";
import { hasRedis } from "../../support/servers/redis.ts";

/** One table with nothing in it. */
interface Opened {
  readonly table: SessionTable;
  /** Seals the rows, if there is one. */
  readonly secret?: string;
  /** All that its database keeps, as whoever steals a copy of it reads it. Memory has no copy: what was written to it. */
  readonly dump?: () => Promise<string>;
}

/** One store with nothing in it. */
export interface Place {
  /** Its store as each process makes it. */
  readonly store: () => SessionStore;
  /** `undefined` for the sealed cookie. */
  readonly table: SessionTable | undefined;
  readonly dump: () => Promise<string>;
  /** The keys of the rows that were inserted and not deleted. */
  readonly rows: ReadonlySet<string>;
  /** All keys that the table was ever asked for. */
  readonly asked: string[];
}

export interface StoreKind {
  readonly name: string;
  readonly missing: boolean;
  /** Connects, for the tests of one file, and gives what opens a new table. */
  readonly connect: () => Promise<{ open: () => Promise<Opened>; close: () => Promise<unknown> }>;
}

const memory: StoreKind = {
  name: "memory",
  missing: false,
  connect: async () => ({ open: async () => ({ table: createTable() }), close: async () => {} }),
};

const lmdb: StoreKind = {
  name: "LMDB",
  missing: false,
  async connect() {
    const folder = mkdtempSync(join(tmpdir(), "sojourn-security-"));
    let count = 0;
    return {
      async open() {
        const path = join(folder, `${count++}`);
        const table = lmdbTable({ path });
        onTestFinished(() => table.close());
        return { table, dump: async () => readFileSync(join(path, "data.mdb"), "latin1") };
      },
      close: async () => rmSync(folder, { recursive: true }),
    };
  },
};

const redis: StoreKind = {
  name: "Redis",
  missing: !hasRedis,
  async connect() {
    const client = new Redis(inject("redis") ?? "");
    return {
      async open() {
        const prefix = `security:${randomBytes(8).toString("hex")}:`;
        const dump = async (): Promise<string> => {
          const keys = await client.keys(`${prefix}*`);
          const all = await Promise.all(keys.map((key) => client.dumpBuffer(key)));
          return [...keys, ...all.map((each) => each?.toString("latin1"))].join("\n");
        };
        return { table: redisTable(client, { prefix }), dump };
      },
      close: async () => client.disconnect(),
    };
  },
};

const postgres: StoreKind = {
  name: "PostgreSQL",
  missing: !hasPostgres,
  async connect() {
    const pool = new Pool({ connectionString: inject("postgres") });
    const prefix = `security_${randomBytes(6).toString("hex")}`;
    let count = 0;
    return {
      async open() {
        const name = `${prefix}_${count++}`;
        const table = postgresTable(pool, { table: name });
        await table.migrate();
        const dump = async (): Promise<string> => {
          const tables = await pool.query<{ name: string }>(
            "SELECT tablename AS name FROM pg_tables WHERE starts_with(tablename, $1)",
            [name],
          );
          const all = tables.rows.map(async ({ name }) => {
            const { rows } = await pool.query(`SELECT t::text FROM "${name}" t`);
            return rows.map((row) => JSON.stringify(row)).join("\n");
          });
          return (await Promise.all(all)).join("\n");
        };
        return { table, dump };
      },
      close: () => pool.end(),
    };
  },
};

const TABLES: readonly StoreKind[] = [memory, lmdb, redis, postgres];

/** As tests are called that run with them. */
export const REVOCABLE = "revocable cookie";
export const SEALED_ROWS = "sealed rows";
export const STORE_NAMES: readonly string[] = ["sealed cookie", ...TABLES.map(({ name }) => name)];

/** Declares tests for every table. What they get opens a new one. */
export function everyTable(tests: (open: () => Promise<Place>) => void): void {
  for (const { name, missing, connect } of TABLES) {
    describe.skipIf(missing)(name, () => {
      let connected: Awaited<ReturnType<typeof connect>>;
      beforeAll(async () => {
        connected = await connect();
      });
      afterAll(() => connected?.close());
      tests(async () => placeOf(await connected.open()));
    });
  }
}

/** Declares tests for every table, and for rows under a secret, whose text the tests cannot read. */
export function everyRow(tests: (open: () => Promise<Place>) => void): void {
  everyTable(tests);
  describe(SEALED_ROWS, () => {
    tests(async () => placeOf({ table: createTable(), secret: confide(newSecret()) }));
  });
}

/** Declares tests for the sealed cookie. */
export function theSealedCookie(tests: (open: () => Promise<Place>) => void): void {
  describe("sealed cookie", () => {
    tests(async () => {
      const secret = confide(newSecret());
      const store = (): SessionStore => cookieStore({ secret });
      return { store, table: undefined, dump: async () => "", rows: new Set(), asked: [] };
    });
  });
}

/** Declares tests for every store, also for rows under a secret. */
export function everyStore(tests: (open: () => Promise<Place>) => void): void {
  theSealedCookie(tests);
  everyRow(tests);
}

/** Declares tests for every store but rows under a secret: they count random numbers, refusals or rows in clear text. */
export function everyUnsealedRow(tests: (open: () => Promise<Place>) => void): void {
  theSealedCookie(tests);
  everyTable(tests);
}

/** Declares tests for the sealed cookie that can be taken back, with each table that remembers what was. */
export function theRevocableCookie(tests: (open: () => Promise<Place>) => void): void {
  describe(REVOCABLE, () => {
    everyTable((open) => {
      tests(async () => {
        const place = await open();
        const secret = confide(newSecret());
        const { table } = place;
        const revocations = table?.forgets ? lasting(table) : table;
        const store = (): SessionStore => cookieStore({ secret, revocations });
        return { ...place, store, table: undefined };
      });
    });
  });
}

/** Declares tests for every store in which what is out can be taken back. */
export function everyRevocable(tests: (open: () => Promise<Place>) => void): void {
  everyRow(tests);
  theRevocableCookie(tests);
}

function placeOf({ table, dump, secret }: Opened): Place {
  const rows = new Set<string>();
  const asked: string[] = [];
  const written: unknown[] = [];
  const watched = new Proxy(confideRows(table), {
    get(target, name): unknown {
      const verb: unknown = Reflect.get(target, name, target);
      if (typeof verb !== "function") return verb;
      return (...args: unknown[]): unknown => {
        const [key] = args;
        if (typeof key === "string") asked.push(key);
        if (name === "insert") rows.add(String(key));
        if (name === "delete") rows.delete(String(key));
        if (name === "insert" || name === "replace") written.push(args);
        return verb.apply(target, args) as unknown;
      };
    },
  });
  return {
    store: () => tableStore(secret === undefined ? { table: watched } : { table: watched, secret }),
    table: watched,
    dump: dump ?? (async () => JSON.stringify(written)),
    rows,
    asked,
  };
}
