/** Every store whose table the tests run over. A new store is one more entry here, and one in test/support/tables/open-table.mjs. */
import type { ColumnTitle } from "./columns.ts";

export interface StoreRow {
  readonly name: string;
  /** A pattern of its tests: of a test's file below test/ and its full name, with " > " between all parts. */
  readonly tests: RegExp;
  /** Promises that cannot be asked of it, each with the reason. */
  readonly except?: Readonly<Partial<Record<ColumnTitle, string>>>;
}

const ENDS = "The table ends with its process";
const NO_SERVER = "There is no server: the database runs in the application's process";
const ONE_BY_ONE = "Rows are read one by one";
const REMOVES = "The database removes dead rows by itself";
const AS_REDIS = "As one server of Redis: each row has one primary";
const FAILOVER =
  "A failover may lose acknowledged writes, and with them a log-out; the test counts how many";
const ONE_PROCESS = "The database belongs to one process, which has one connection";

const EMBEDDED = { "server killed": NO_SERVER, cut: NO_SERVER, silent: NO_SERVER } as const;
const GROUP = {
  "every order": AS_REDIS,
  "two clients": AS_REDIS,
  processes: AS_REDIS,
  "kill -9": AS_REDIS,
  restart: AS_REDIS,
  "server killed": FAILOVER,
  cut: AS_REDIS,
  silent: AS_REDIS,
  failure: AS_REDIS,
  sweep: REMOVES,
} as const;

const NO_WAY =
  "Nothing of ours stands between the worker and its database; that workerd is killed and started again is tested";
const WORKERD = { "server killed": NO_WAY, cut: NO_WAY, silent: NO_WAY } as const;

export const STORES: readonly StoreRow[] = [
  {
    name: "table in memory",
    tests: /^tables\/memory\/|^laws\/interleavings|^tables\/births.* over memory >/,
    except: {
      ...EMBEDDED,
      "two clients": "All parts of a process share the table",
      processes: ENDS,
      "kill -9": ENDS,
      restart: ENDS,
      failure: "It cannot fail",
      getMany: ONE_BY_ONE,
    },
  },
  {
    name: "LMDB",
    tests: /^tables\/lmdb|^tables\/births.* over LMDB >/,
    except: { ...EMBEDDED, getMany: ONE_BY_ONE },
  },
  { name: "SQLite", tests: /^tables\/sqlite\.test/, except: { ...EMBEDDED, getMany: ONE_BY_ONE } },
  {
    name: "Redis, Valkey",
    tests: /^tables\/redis(?:\.|\/faults)| over (?:redis|Redis) >/,
    except: { sweep: REMOVES },
  },
  { name: "Redis Cluster", tests: /^tables\/redis\/cluster.* > a Redis Cluster >/, except: GROUP },
  {
    name: "Redis, Sentinel",
    tests: /^tables\/redis\/cluster.* > Redis behind Sentinel >/,
    except: { ...GROUP, "log-out": AS_REDIS, timeouts: AS_REDIS },
  },
  {
    name: "PostgreSQL",
    tests: /^tables\/postgres(?!.* by PGlite >)| over (?:postgres|PostgreSQL) >/,
  },
  {
    name: "PGlite",
    tests: /^tables\/postgres.* by PGlite >/,
    except: {
      ...EMBEDDED,
      "every order": "As PostgreSQL",
      "two clients": ONE_PROCESS,
      processes: ONE_PROCESS,
      "kill -9": ONE_PROCESS,
      restart: ONE_PROCESS,
    },
  },
  {
    name: "MariaDB",
    tests: /^tables\/mysql| over (?:mysql|MariaDB) >/,
  },
  {
    name: "DynamoDB, on dynalite",
    tests: /^tables\/dynamodb| over (?:dynamodb|DynamoDB) >/,
    except: { sweep: REMOVES },
  },
  {
    name: "Upstash, its protocol before Redis",
    tests: /^tables\/redis\/upstash| over (?:upstash|Upstash) >/,
    except: { sweep: REMOVES },
  },
  {
    name: "D1, in workerd",
    tests: /^tables\/cloudflare\/d1/,
    except: WORKERD,
  },
  {
    name: "Durable Objects, in workerd",
    tests: /^tables\/cloudflare\/durable/,
    except: { ...WORKERD, getMany: ONE_BY_ONE, sweep: REMOVES },
  },
];
