import type { Statement } from "./statements.ts";
import { noClient, refuseOthers } from "./wrong-client.ts";

/** The part of `pg` that the table calls: a `Pool` or a `Client`. */
export interface PgClient {
  query(query: {
    name?: string;
    text: string;
    values: unknown[];
  }): Promise<{ readonly rows: readonly unknown[] }>;
}

/** The part of postgres.js that the table calls: the result of `postgres()`. */
export interface PostgresJsClient {
  unsafe(
    text: string,
    values: never[],
    options: { prepare: boolean },
  ): PromiseLike<readonly unknown[]>;
}

/** The part of PGlite that the table calls. */
export interface PgliteClient {
  query(text: string, values: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
  readonly waitReady: Promise<void>;
}

/** Runs a statement, and gives its rows. */
export type Query = (statement: Statement, values: unknown[]) => Promise<readonly unknown[]>;

/** The three clients call the same statements differently. @throws ERR_SESSION_CONFIG for anything else */
export function queryOf(
  client: PgClient | PostgresJsClient | PgliteClient,
  prepare: boolean,
): Query {
  refuseOthers(client);
  if (typeof client === "function" && "unsafe" in client && "begin" in client) {
    const sql: PostgresJsClient = client;
    return async ({ text, name }, values) =>
      sql.unsafe(text, values as never[], { prepare: prepare && name !== "" });
  }
  if (typeof client === "object" && client !== null && "waitReady" in client) {
    return async ({ text }, values) => (await client.query(text, values)).rows;
  }
  if (isPg(client)) {
    return async ({ text, name }, values) =>
      (await client.query(prepare ? { name, text, values } : { text, values })).rows;
  }
  throw noClient();
}

function isPg(client: unknown): client is PgClient {
  if (typeof client !== "object" || client === null) return false;
  return typeof (client as Readonly<Record<string, unknown>>)["query"] === "function";
}
