import type { Awaitable } from "../../core/awaitable.ts";
import type { Share } from "../../core/load/share.ts";
import type { Saved, SessionChange, Stopped, StoreContext } from "../../core/store.ts";
import type { LiveStatus } from "../../core/token-status.ts";
import type { CompareAndSet } from "../table-access/compare-and-set.ts";
import type { RevokedBefore } from "../table-access/revoked-before.ts";
import type { TimedTable } from "../table-access/timed-table.ts";
import type { FoundRow } from "./found-row.ts";
import type { RowCodec } from "./row-codec.ts";
import type { SubjectIndex } from "./subject-index.ts";
import type { ReadToken, Tokens } from "./tokens.ts";

/** The parts that all sessions of one store share. */
export interface TableStoreParts {
  readonly context: StoreContext;
  readonly table: TimedTable;
  readonly commits: CompareAndSet;
  readonly subjects: SubjectIndex;
  readonly tokens: Tokens;
  readonly codec: RowCodec;
  readonly mark: RevokedBefore;
  create(change: SessionChange, share?: Share): Awaitable<Saved | Stopped>;
  /** Keeps a row for the next request with its cookie. */
  remember(loaded: LoadedRow): void;
}

/** How a request has read its row. */
export interface Reading {
  /** When, by `performance.now()`. */
  readonly readAt: number;
  /** The time that the request has for the table. */
  readonly share: Share | undefined;
}

/** A row as it was loaded, with the token that opened it. */
export interface LoadedRow extends FoundRow {
  readonly token: ReadToken;
  readonly cookie: string;
  readonly status: LiveStatus;
  readonly isLoaded: true;
}
