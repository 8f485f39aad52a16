/** Faults that only another process meets, planted in real tables of SQLite. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe } from "vitest";
import type { OpenTable } from "../../../src/testing/contract/open-table.ts";
import { requireBuilt } from "../../setup/project.ts";
import { openPlanted } from "./planted-child.mjs";
import { testPlanted } from "./planted.ts";
import type { Planted } from "./planted.ts";

beforeAll(requireBuilt);

const opening = (fault: string) => async (): Promise<OpenTable> => {
  const folder = mkdtempSync(join(tmpdir(), "sojourn-planted-"));
  const path = join(folder, "sessions.db");
  const { table, close } = await openPlanted(fault, path);
  return {
    table,
    child: { file: new URL("planted-child.mjs", import.meta.url), args: [fault, path] },
    close() {
      close();
      rmSync(folder, { recursive: true });
    },
  };
};

const PLANTED: readonly Planted[] = [
  [
    "reads and writes at once, and with no transaction",
    "increments of several processes at once are all there",
    /the sum of the increments should be 450, got/,
  ],
  [
    "stores a moment after it has said so",
    "a process that is killed has lost no write that was done",
    /the killed process had written/,
  ],
  [
    "keeps rows in the process",
    "a row is there for the processes that come after",
    /the row of another process should be/,
  ],
];

describe("faults between processes, planted in SQLite", () => {
  for (const planted of PLANTED) testPlanted(planted, opening(planted[0]), opening("none"));
});
