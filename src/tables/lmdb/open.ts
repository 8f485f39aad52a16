import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Database, RootDatabase, RootDatabaseOptionsWithPath } from "lmdb";
import { SessionError, describe } from "../../core/errors.ts";
import { refuseDamaged } from "./refuse-damaged.ts";

/** The time from which a row may be swept: an entry in the same database, where such arrays sort before all text. */
export type Deadline = [expiresAt: number, key: string];

/** A table's part of a database, and the database itself, which can be closed. */
export interface OpenDatabase {
  readonly root: RootDatabase;
  readonly rows: Database<string, string | Deadline>;
}

const SETTINGS: RootDatabaseOptionsWithPath & { readonly permissionsMode: number } = {
  // A path with a dot in it is a folder, too.
  noSubdir: false,
  permissionsMode: 0o600,
  // A commit is on the disk before its promise is fulfilled, and before a reader sees it.
  overlappingSync: false,
  // The map takes address space, and no memory or disk. It is large, because it should not grow while others read it.
  mapSize: 2 ** 30,
  maxReaders: 1000,
  maxDbs: 64,
};

/** Opens a database. @throws ERR_SESSION_CONFIG if the package `lmdb` is missing or the folder cannot be opened */
export function openDatabase(path: string, name: string): OpenDatabase {
  const { open } = loadLmdb();
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    refuseDamaged(join(path, "data.mdb"));
    const root = open({ ...SETTINGS, path });
    const rows = root.openDB<string, string | Deadline>({
      name,
      encoding: "string",
      useVersions: true,
    });
    rows.on("aftercommit", keepRejectionsInside);
    return { root, rows };
  } catch (cause) {
    throw new SessionError(
      "ERR_SESSION_CONFIG",
      `cannot open an LMDB database in ${path.includes("://") ? describe(path) : `"${path}"`}`,
      {
        cause,
      },
    );
  }
}

/** One write of a commit, as lmdb's events show it. */
interface Write {
  readonly next: Write | null;
  readonly meta?: {
    readonly resolve?: { readonly unconditional?: boolean };
    reject?: unknown;
  } | null;
}

/**
 * Handles a rejection that no other code can reach. A commit that fails, as on a full disk, rejects the promises of its
 * writes, which we hand on, and a promise that lmdb has made for the commit itself. If that stayed unhandled, it would
 * end the process.
 */
function keepRejectionsInside({
  next,
  last,
}: {
  readonly next: Write;
  readonly last: Write;
}): void {
  for (let write: Write | null = next; write && write !== last; write = write.next) {
    // The promise must be settled all the same, because closing waits for it.
    if (write.meta?.resolve?.unconditional) write.meta.reject = write.meta.resolve;
  }
}

/** Loads the package lmdb at the first table, so that the error of a missing package can say what to do. */
function loadLmdb(): typeof import("lmdb") {
  try {
    // Tools that copy what a program needs know these two lines. A bundle of CommonJS has no import.meta.url.
    const require = createRequire(import.meta.url ?? __filename);
    return require("lmdb") as typeof import("lmdb");
  } catch (cause) {
    throw new SessionError("ERR_SESSION_CONFIG", whyNot(cause), { cause });
  }
}

function whyNot(cause: unknown): string {
  const { code, message } = cause as { readonly code?: unknown; readonly message?: unknown };
  const isMissing = code === "MODULE_NOT_FOUND" && /'lmdb'/.test(String(message));
  return isMissing
    ? "lmdbTable needs the package lmdb, which is not there; run: npm install lmdb. If it is installed, a bundler has " +
        "left it behind: mark lmdb as external, and install or copy it beside the bundle"
    : "the package lmdb is there and cannot be loaded, and the cause says why; run: npm install lmdb. If a bundler has " +
        "copied it, its native part, which is in node_modules/@lmdb, has to be copied, too: mark lmdb as external, and " +
        "install it beside the bundle";
}
