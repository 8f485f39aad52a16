/** The SQLite table over what the runtime itself has: `node:sqlite`, or Bun's. Node 20 has none and takes libsql. */
import process from "node:process";
import { describe } from "vitest";
import { testTable } from "../../contracts/tables/whole-table.ts";
import { openSqliteTable } from "../../support/tables/sqlite-table.ts";

const bun = "Bun" in globalThis;
const newer = Number(process.versions.node.split(".")[0]) >= 22;

describe("the SQLite table of the runtime", () => {
  const driver = bun ? "bun:sqlite" : newer ? "node:sqlite" : "libsql";
  // Not every runtime starts a process that loads the packages of all databases.
  const open = async () => ({ ...(await openSqliteTable(driver)), child: undefined });
  const notShown = ["getMany", "several processes", "killed", "restart"];
  testTable(open, { sequences: 20, notShown });
});
