/** An LMDB table of a test's own, in a folder that goes with it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lmdbTable } from "../../../src/tables/lmdb.ts";
import type { LmdbTable } from "../../../src/tables/lmdb.ts";

export interface OpenLmdb {
  readonly table: LmdbTable;
  readonly path: string;
  close(): Promise<void>;
}

export function openLmdb(): OpenLmdb {
  const path = mkdtempSync(join(tmpdir(), "sojourn-lmdb-"));
  const table = lmdbTable({ path });
  return {
    table,
    path,
    async close() {
      await table.close();
      rmSync(path, { recursive: true });
    },
  };
}
