import { configError, refuseUnknownOptions } from "../../core/errors.ts";
import { readNumber } from "../../core/numbers.ts";
import { requireRuntime } from "../../core/options/runtime.ts";
import { SessionStore } from "../../core/store.ts";
import type { SessionTable, StoreContext } from "../../core/store.ts";
import { createKeyring } from "../../crypto/keyring.ts";
import { readSecrets } from "../../crypto/secret.ts";
import type { Secret } from "../../crypto/secret.ts";
import { findTable } from "../../tables/named-tables.ts";
import { Revocations } from "./revocations.ts";
import { CookieBackend } from "./backend.ts";
import { Sweeps } from "../table-access/sweeps.ts";
import { DEFAULT_TIMEOUT, TimedTable } from "../table-access/timed-table.ts";

/** The greatest `staleness`, in seconds. After a longer time a revocation would come too late to be one. */
const LONGEST_STALENESS = 3600;

/** Options of {@link cookieStore}. */
export interface CookieStoreOptions {
  /** One secret, or `[first, ...others]`: the first seals, all open. Make one with `npx sojourn secret`. */
  readonly secret: Secret;
  /**
   * A table that remembers which sessions were ended. Log-out, renewal and `sessions.revoke` then also end copies of the
   * cookie. Each entry lives as long as any session could. A table in memory is refused: it forgets. Default none.
   */
  readonly revocations?: SessionTable | string | undefined;
  /** Seconds for which an answer of that table counts as still true. Default 0: each request asks the table. */
  readonly staleness?: number | undefined;
}

/**
 * Keeps the whole session in its cookie, encrypted and authenticated. Without `revocations` the server keeps nothing,
 * and a copy of a cookie reads its session until the deadline, even after a log-out.
 * @throws ERR_SESSION_CONFIG if a secret is missing, short, repetitive or from a documentation, or if `revocations` is a
 * table that forgets
 * @example
 * ```ts
 * import { cookieStore } from "sojourn";
 *
 * // The first secret seals; all of them open.
 * const store = cookieStore({ secret: [process.env["NEW_SECRET"], process.env["OLD_SECRET"]] });
 * ```
 */
export function cookieStore(options: CookieStoreOptions): SessionStore {
  requireRuntime(); // The secrets are read here, before createSessions can check the runtime.
  const { secret, revocations, staleness, ...others }: Partial<CookieStoreOptions> = options ?? {};
  refuseUnknownOptions("cookieStore", others, ["secret", "revocations", "staleness"]);
  const keyring = createKeyring(readSecrets(secret), "session cookie");
  const table = revocations === undefined ? undefined : findLasting(revocations);
  const stale = readStaleness(staleness, table);
  return new SessionStore((context) => {
    refuseTableOptions(context);
    if (!table) return new CookieBackend(keyring, context);
    const io = new TimedTable(table, DEFAULT_TIMEOUT * 1000, context);
    const ended = new Revocations(io, new Sweeps(table, context), context, stale);
    return new CookieBackend(keyring, context, ended);
  });
}

/** Finds the table of ended sessions. If it forgot one, a copy of the cookie would read the session again. */
function findLasting(revocations: SessionTable | string): SessionTable {
  const table = findTable(revocations);
  if (!table.forgets) return table;
  throw configError(
    "revocations takes a table that keeps its rows; a table in memory forgets who was logged out at the next start. " +
      'Use lmdbTable({ path: "./data" }) or sqliteTable(db) with a file, on several machines redisTable(client) or ' +
      "postgresTable(pool)",
  );
}

/** Reads the option, which is in seconds, and gives it in milliseconds. */
function readStaleness(given: unknown, table: SessionTable | undefined): number {
  const staleness = readNumber("staleness", given, {
    fallback: 0,
    least: 0,
    most: LONGEST_STALENESS,
    unit: "seconds",
  });
  if (staleness > 0 && !table) {
    throw configError(
      "staleness is how long answers of `revocations` hold: give that table as well",
    );
  }
  return staleness * 1000;
}

function refuseTableOptions({ limit, renewEvery }: StoreContext): void {
  if (limit === undefined && renewEvery === undefined) return;
  throw configError(
    `${limit === undefined ? "lifetime.renewEvery" : "limit"} needs tableStore({ table }): ` +
      "of sealed cookies the server keeps no list and no tokens",
  );
}
