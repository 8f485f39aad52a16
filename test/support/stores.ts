import type { SessionStore, SessionTable } from "../../src/core/store.ts";
import { cookieStore } from "../../src/stores/cookie/cookie-store.ts";
import { createTable } from "../../src/tables/named-tables.ts";
import { tableStore } from "../../src/stores/table/table-store.ts";
import { AsyncTable } from "./tables/async-table.ts";
import { lasting } from "./tables/lasting.ts";
import { SECRET } from "./secrets.ts";

/** Every kind of store there is, for laws that hold in all of them. Each call makes fresh ones. */
export const STORES: readonly (readonly [name: string, make: () => SessionStore])[] = [
  ["the cookie store", () => cookieStore({ secret: SECRET })],
  [
    "the cookie store with revocations",
    () => cookieStore({ secret: SECRET, revocations: lasting() }),
  ],
  ["a table that answers at once", () => tableStore({ table: createTable() })],
  ["a table that answers later", () => tableStore({ table: new AsyncTable(createTable()) })],
];

/** The tables among them. */
export const TABLES: readonly (readonly [name: string, make: () => SessionTable])[] = [
  ["a table that answers at once", () => createTable()],
  ["a table that answers later", () => new AsyncTable(createTable())],
];
