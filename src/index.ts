export { createSessions } from "./core/sessions.ts";
export { SessionError } from "./core/errors.ts";
export { cookieStore } from "./stores/cookie.ts";
export { tableStore } from "./stores/table.ts";
export { createTable } from "./stores/named-tables.ts";

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
export type { SchemaIssue, StandardSchemaV1, Validated } from "./core/standard-schema.ts";
export type {
  Bag,
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
export type { Lifetime, NistLevel, SessionOptions } from "./core/session-options.ts";
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
export type { CookieStoreOptions } from "./stores/cookie.ts";
export type { MemoryTableOptions } from "./stores/memory-table.ts";
export type { TableStoreOptions } from "./stores/table.ts";
