export { createSessions } from "./core/sessions.ts";
export { SessionError } from "./core/errors.ts";
export { cookieStore } from "./stores/cookie/cookie-store.ts";
export { tableStore } from "./stores/table/table-store.ts";
export { createTable } from "./tables/named-tables.ts";

export type { Awaitable } from "./core/awaitable.ts";
export type { SessionErrorCode } from "./core/errors.ts";
export type {
  Committal,
  CookieTrouble,
  Expiry,
  Fetched,
  Refusal,
  Renewal,
  Retirement,
  Revocation,
  SessionEvent,
  SessionEvents,
  StopReason,
} from "./core/events.ts";
export type { SchemaIssue, StandardSchemaV1, Validated } from "./core/data/standard-schema.ts";
export type {
  SessionData,
  ListedSession,
  Refused,
  Saved,
  SessionBackend,
  SessionChange,
  SessionRecord,
  SessionRow,
  SessionStore,
  SessionTable,
  Stopped,
  StoreContext,
  StoredSession,
  SubjectSessions,
} from "./core/store.ts";
export type { Lifetime, NistLevel, SessionOptions } from "./core/options/session-options.ts";
export type {
  AnySessions,
  Change,
  Conn,
  CookieSettings,
  Frozen,
  HostOptions,
  ListOptions,
  Register,
  Registered,
  RequestHeaders,
  RevokeOptions,
  Session,
  SessionInfo,
  SessionOf,
  SessionSettings,
  Sessions,
  Setting,
  Stored,
  Subject,
} from "./core/types.ts";
export type { Secret } from "./crypto/secret.ts";
export type { CookieStoreOptions } from "./stores/cookie/cookie-store.ts";
export type { MemoryTableOptions } from "./tables/memory/memory-table.ts";
export type { TableStoreOptions } from "./stores/table/table-store.ts";
