/** An LMDB file that was cut short is an error at set-up. A process of its own opens it, because lmdb could end it. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { lmdbTable } from "../../../src/tables/lmdb.ts";
import { newKey, row, times } from "../../../src/testing/contract/case.ts";
import { requireBuilt, root } from "../../setup/project.ts";

beforeAll(requireBuilt);

const OPENS = `
const { lmdbTable } = await import(${JSON.stringify(pathToFileURL(join(root, "dist/tables/lmdb.js")).href)});
try {
  const table = lmdbTable({ path: process.argv[1] });
  const found = process.argv.slice(2).filter((key) => table.get(key) !== undefined);
  console.log(found.length + " rows");
} catch (error) {
  console.log(error.code + ": " + error.cause?.message);
}`;

describe("an LMDB file that was cut short", () => {
  let path = "";
  let file = "";
  let keys: string[] = [];
  beforeEach(async () => {
    path = mkdtempSync(join(tmpdir(), "sojourn-lmdb-"));
    file = join(path, "data.mdb");
    const table = lmdbTable({ path });
    keys = times(50, newKey);
    for (const key of keys) await table.insert(key, row("v".repeat(3000), 1), 0);
    await table.close();
  });
  afterEach(() => rmSync(path, { recursive: true }));

  const open = (): string =>
    execFileSync(process.execPath, ["--input-type=module", "-e", OPENS, path, ...keys], {
      encoding: "utf8",
    }).trim();

  it("a whole file opens, and so does one that is longer", () => {
    expect(open()).toBe("50 rows");
    truncateSync(file, statSync(file).size + 4096);
    expect(open()).toBe("50 rows");
  });

  it.each([
    ["its last byte", (size: number) => size - 1],
    ["half of its pages", (size: number) => Math.floor(size / 8192) * 4096],
    ["all but its first five pages", () => 5 * 4096],
    ["all but the pages of its state", () => 2 * 4096],
  ])("a file that lacks %s is ERR_SESSION_CONFIG, which says so", (_what, cut) => {
    const { size } = statSync(file);
    truncateSync(file, cut(size));
    const before = readFileSync(file);
    expect(open()).toMatch(/^ERR_SESSION_CONFIG: .*data\.mdb was cut short: it has \d+ of its \d+/);
    expect(readFileSync(file).equals(before)).toBe(true);
  });
});
