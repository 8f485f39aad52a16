/** An LMDB table of a test's own, in a folder that goes with it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lmdbTable } from "../../../src/tables/lmdb.ts";
import type { LmdbTable } from "../../../src/tables/lmdb.ts";
import type { TableChild } from "../../../src/testing/contract/open-table.ts";
import { contractChild } from "./contract-child.ts";

export interface OpenLmdb {
  readonly table: LmdbTable;
  /** By an environment of its own. */
  readonly other: LmdbTable;
  readonly child: TableChild;
  readonly path: string;
  fail(): Promise<void>;
  close(): Promise<void>;
}

export function openLmdb(): OpenLmdb {
  const path = mkdtempSync(join(tmpdir(), "sojourn-lmdb-"));
  const table = lmdbTable({ path });
  let other: LmdbTable | undefined;
  return {
    table,
    // Opened when it is asked for: most tests need one table.
    get other() {
      return (other ??= lmdbTable({ path }));
    },
    child: contractChild("lmdb", path),
    path,
    fail: () => table.close(),
    async close() {
      await other?.close();
      await table.close();
      rmSync(path, { recursive: true });
    },
  };
}
