import { readNumber } from "../../core/numbers.ts";
import { configError, describe, refuseUnknownOptions } from "../../core/errors.ts";
import { requireRuntime } from "../../core/options/runtime.ts";
import { SessionStore } from "../../core/store.ts";
import type { SessionTable } from "../../core/store.ts";
import { createKeyring } from "../../crypto/keyring.ts";
import { readSecrets } from "../../crypto/secret.ts";
import type { Secret } from "../../crypto/secret.ts";
import { findTable } from "../../tables/named-tables.ts";
import { DEFAULT_TIMEOUT } from "../table-access/timed-table.ts";
import { TableBackend } from "./backend.ts";
import type { Protection } from "./protection.ts";

/** The greatest `timeout`, in seconds. It is far below the longest timer of Node. */
const LONGEST_TIMEOUT = 3600;

/** Options of {@link tableStore}. */
export interface TableStoreOptions {
  /** A table, or the name of one that `createTable(name)` has made. */
  readonly table: SessionTable | string;
  /**
   * One secret, or `[first, ...others]`: rows are sealed with the first, and opened with all, so that the database and
   * its backups show no session. A cookie that this application has not issued is refused without a call of the table.
   * Make one with `npx sojourn secret`.
   */
  readonly secret?: Secret;
  /** `false`: reads what is sealed, and writes as without a secret. The first of two deployments that switch it on. */
  readonly seal?: boolean | undefined;
  /** Until when rows and cookies from before the secret are accepted. The second of two deployments that switch it on. */
  readonly unsealedUntil?: Date | undefined;
  /**
   * Seconds that one request has for the table, load and commit together. A call that belongs to no request, as of
   * `list`, has as many for itself. Default 2.
   */
  readonly timeout?: number | undefined;
}

/**
 * Keeps each session in a row of a table. The cookie holds only the session's handle and the token that opens it.
 * @throws ERR_SESSION_CONFIG if the table does not exist or is none, or for a secret that is missing or can be guessed
 * @example
 * ```ts
 * import { Redis } from "ioredis";
 * import { tableStore } from "sojourn";
 * import { redisTable } from "sojourn/redis";
 *
 * const store = tableStore({
 *   table: redisTable(new Redis()),
 *   secret: process.env["SESSION_SECRET"],
 * });
 * ```
 */
export function tableStore(options: TableStoreOptions): SessionStore {
  const { table, secret, seal, unsealedUntil, timeout, ...others }: Partial<TableStoreOptions> =
    options ?? {};
  refuseUnknownOptions("tableStore", others, [
    "table",
    "secret",
    "seal",
    "unsealedUntil",
    "timeout",
  ]);
  const rows = findTable(table);
  const seconds = readNumber("timeout", timeout, {
    fallback: DEFAULT_TIMEOUT,
    least: 0,
    above: true,
    most: LONGEST_TIMEOUT,
    unit: "seconds",
  });
  // A secret that is named and missing is an environment variable that is not set: rows must not be left open silently.
  const isNamed = Object.hasOwn(options, "secret");
  const protection = isNamed ? readProtection(secret, seal, unsealedUntil) : undefined;
  if (!isNamed && (seal !== undefined || unsealedUntil !== undefined)) {
    throw configError(
      "seal and unsealedUntil say how a secret is switched on: give secret as well",
    );
  }
  return new SessionStore((context) => new TableBackend(rows, seconds * 1000, context, protection));
}

function readProtection(secret: Secret, seal: unknown, unsealedUntil: unknown): Protection {
  requireRuntime(); // Secrets are read before createSessions could say so.
  const keyring = createKeyring(readSecrets(secret), "session table");
  if (seal !== undefined && typeof seal !== "boolean") {
    throw configError(`seal must be true or false, got ${describe(seal)}`);
  }
  if (unsealedUntil === undefined) {
    return { keyring, seals: seal !== false, unsealedUntil: seal === false ? Infinity : 0 };
  }
  if (seal === false) {
    throw configError(
      "unsealedUntil is for the deployment after the one with seal: false; leave one of them out",
    );
  }
  const until = unsealedUntil instanceof Date ? unsealedUntil.getTime() : NaN;
  if (Number.isNaN(until)) {
    throw configError(
      `unsealedUntil must be a valid Date, for example new Date("2027-01-31"), got ${describe(unsealedUntil)}`,
    );
  }
  return { keyring, seals: true, unsealedUntil: until };
}
