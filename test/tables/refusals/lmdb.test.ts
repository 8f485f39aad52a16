/** LMDB whose file may not grow. Only the bytes that this process writes into one file are limited, and only meanwhile. */
import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, vi } from "vitest";
import type { SessionTable } from "../../../src/core/store.ts";
import { testRefusals } from "../../contracts/tables/refusals.ts";
import type { Refusing } from "../../contracts/tables/refusals.ts";
import { openLmdb } from "../../support/tables/lmdb-table.ts";

interface RefusingLmdb extends Refusing {
  readonly file: string;
}

function limitFiles(bytes: number | "unlimited"): void {
  execFileSync("prlimit", ["--pid", String(process.pid), `--fsize=${bytes}:unlimited`]);
}

function hasPrlimit(): boolean {
  try {
    execFileSync("prlimit", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** The table, of which each write is counted. */
function counted(table: SessionTable, calls: { trips: number }): SessionTable {
  return {
    sendsOnce: true,
    get: (key) => table.get(key),
    insert: (...values) => (calls.trips++, table.insert(...values)),
    replace: (...values) => (calls.trips++, table.replace(...values)),
    touch: (...values) => (calls.trips++, table.touch(...values)),
    delete: (...values) => (calls.trips++, table.delete(...values)),
  };
}

describe.skipIf(!hasPrlimit())("LMDB, which refuses", () => {
  testRefusals((): Promise<RefusingLmdb> => {
    const { table, path, close } = openLmdb();
    const calls = { trips: 0 };
    const file = join(path, "data.mdb");
    return Promise.resolve({ table: counted(table, calls), calls, file, close });
  }, [
    [
      "a file that must not grow",
      ({ file }) => {
        // The pages that the file has may be written anew, so that it lacks room for the write's own only.
        limitFiles(Math.min(statSync(file).size, 2 * 4096));
        // lmdb prints the reason of each commit that fails.
        const printed = vi.spyOn(console, "error").mockImplementation(() => {});
        return Promise.resolve(() => {
          limitFiles("unlimited");
          printed.mockRestore();
        });
      },
      expect.objectContaining({ code: 27, message: expect.stringContaining("File too large") }),
    ],
  ]);
});
