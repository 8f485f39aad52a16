export { createSessions } from "./core/sessions.ts";
export { SessionError } from "./core/errors.ts";
export { refused } from "./core/store-errors.ts";
export { cookieStore } from "./stores/cookie/cookie-store.ts";
export { tableStore } from "./stores/table/table-store.ts";
export { createTable } from "./tables/named-tables.ts";

export type { RequestHeaders } from "./core/cookie/cookie-source.ts";
export type { StandardSchemaV1 } from "./core/data/standard-schema.ts";
export type { SessionErrorCode } from "./core/errors.ts";
export type { EndEvent, SessionEvent, SessionEvents } from "./core/events.ts";
export type { Lifetime, NistLevel, SessionOptions } from "./core/options/session-options.ts";
export type { SessionRow, SessionStore, SessionTable } from "./core/store.ts";
export type { SessionInfo } from "./core/subject/session-info.ts";
export type {
  AnySessions,
  Conn,
  CookieSettings,
  Frozen,
  HostOptions,
  OpenSession,
  Register,
  Session,
  SessionOf,
  Sessions,
  Setting,
  Stored,
  Subject,
} from "./core/types.ts";
export type { Secret } from "./crypto/secret.ts";
export type { CookieStoreOptions } from "./stores/cookie/cookie-store.ts";
export type { TableStoreOptions } from "./stores/table/table-store.ts";
export type { MemoryTableOptions } from "./tables/memory/memory-table.ts";
