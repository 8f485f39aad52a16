import { execFileSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { revisionOf, touched, versionOf } from "../../src/tables/lmdb/revision.ts";
import { lmdbTable } from "../../src/tables/lmdb.ts";
import { all } from "../../src/testing/contract/case.ts";
import { testTable } from "../contracts/tables/whole-table.ts";
import { requireBuilt, root } from "../setup/project.ts";
import { openLmdb } from "../support/tables/lmdb-table.ts";

let folder = "";
let opened = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sojourn-lmdb-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A path that nothing was stored under yet. */
function newPath(): string {
  return join(folder, `database ${opened++}`);
}

describe("the LMDB table", () => {
  testTable(openLmdb, { sequences: 100, notShown: ["getMany"] });
});

const ROW = { value: "a", version: 1, expiresAt: 1 };

describe("an LMDB table", () => {
  it("lmdbTable makes its folder, whatever its name, for this user alone", async () => {
    const path = join(newPath(), "deep", "data.v1");
    const table = lmdbTable({ path });
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(statSync(join(path, "data.mdb")).mode & 0o777).toBe(0o600);
    await table.close();
  });

  it("a table shares its folder with tables of other names, and nothing else with them", async () => {
    const path = newPath();
    const [one, two, again] = [
      lmdbTable({ path }),
      lmdbTable({ path, name: "admin" }),
      lmdbTable({ path }),
    ];
    await one.insert("key", ROW, 0);
    expect(two.get("key")).toBeUndefined();
    expect(again.get("key")).toEqual(ROW);
    expect(await two.sweep?.(1)).toBe(0);
    await one.close();
    // The others are still open.
    expect(await two.insert("key", ROW, 0)).toBe(true);
    expect(again.get("key")).toEqual(ROW);
    await two.close();
    await again.close();
  });

  it("a table that is closed keeps the writes that were under way, and then refuses every method", async () => {
    const path = newPath();
    const table = lmdbTable({ path });
    const writing = Array.from({ length: 50 }, (_, i) => table.insert(`key-${i}`, ROW, 0));
    await Promise.all([table.close(), table.close()]);
    expect(await all(writing)).toEqual(writing.map(() => true));
    expect(() => table.get("key-0")).toThrow(/closed/);
    await expect(table.insert("key", ROW, 0)).rejects.toThrow(/closed/);
    await expect(table.replace("key-0", 1, ROW, 0)).rejects.toThrow(/closed/);
    await expect(table.touch("key-0", 1, 2, 0)).rejects.toThrow(/closed/);
    await expect(table.delete("key-0")).rejects.toThrow(/closed/);
    await expect(table.sweep?.(1)).rejects.toThrow(/closed/);
    const again = lmdbTable({ path });
    expect(await again.sweep?.(1)).toBe(50);
    await again.close();
  });
});

describe("the set-up of an LMDB table", () => {
  it("lmdbTable refuses options that cannot work", () => {
    const cases: unknown[] = [
      undefined,
      {},
      { path: undefined },
      { path: "" },
      { path: 7 },
      { path: newPath(), name: "" },
      { path: newPath(), name: null },
      { path: newPath(), table: "sessions" },
    ];
    for (const options of cases) {
      expect(() => lmdbTable(options as { path: string })).toThrow(
        expect.objectContaining({ code: "ERR_SESSION_CONFIG" }),
      );
    }
  });

  it("lmdbTable refuses a path that cannot be opened, with the reason as the cause", () => {
    const file = newPath();
    writeFileSync(file, "no database");
    const noFolder = expect.objectContaining({
      code: "ERR_SESSION_CONFIG",
      cause: expect.any(Error),
    });
    expect(() => lmdbTable({ path: file })).toThrow(noFolder);
    expect(() => lmdbTable({ path: join(file, "below") })).toThrow(noFolder);
    for (const content of ["no database", "no database".repeat(1_000)]) {
      const path = newPath();
      mkdirSync(path);
      writeFileSync(join(path, "data.mdb"), content);
      expect(() => lmdbTable({ path })).toThrow(noFolder);
    }
  });

  it("lmdbTable refuses a database that was cut off", async () => {
    const path = newPath();
    await lmdbTable({ path }).close();
    truncateSync(join(path, "data.mdb"), 5_000);
    expect(() => lmdbTable({ path })).toThrow(
      expect.objectContaining({ code: "ERR_SESSION_CONFIG", cause: expect.any(Error) }),
    );
  });

  it("the error says what to do if the package lmdb is not installed", () => {
    requireBuilt();
    // As the package manager leaves it when the platform's binary could not be had.
    const away = newPath();
    const broken = join(away, "node_modules", "lmdb");
    cpSync(join(root, "dist"), away, { recursive: true });
    mkdirSync(broken, { recursive: true });
    writeFileSync(join(broken, "package.json"), `{ "main": "missing.js" }`);
    writeFileSync(join(away, "package.json"), `{ "type": "module" }`);
    const program = `
      import { lmdbTable } from "./tables/lmdb.js";
      try { lmdbTable({ path: "./data" }); }
      catch ({ code, message, cause }) { console.log(JSON.stringify([code, message, cause.code])); }`;
    writeFileSync(join(away, "main.js"), program);
    const said = execFileSync(process.execPath, [join(away, "main.js")], { encoding: "utf8" });
    expect(JSON.parse(said)).toEqual([
      "ERR_SESSION_CONFIG",
      expect.stringContaining("npm install lmdb"),
      "MODULE_NOT_FOUND",
    ]);
  });
});

describe("the revision that LMDB compares", () => {
  const version = fc.oneof(
    fc.constantFrom(0, 1, 2 ** 52 - 1, 2 ** 52, 2 ** 52 + 1, 2 ** 53 - 1),
    fc.maxSafeNat(),
  );
  const after = (version: number, touches: number): number => {
    let revision = revisionOf(version);
    for (let i = 0; i < touches; i++) revision = touched(revision);
    return revision;
  };

  it("the revision holds the version, however often the row was touched", () => {
    fc.assert(
      fc.property(version, fc.nat(500), (version, touches) => {
        const revision = after(version, touches);
        expect(Number.isFinite(revision)).toBe(true);
        expect(versionOf(revision)).toBe(version);
      }),
    );
  });

  it("the revision differs for another version, and for two hundred touches of one", () => {
    fc.assert(
      fc.property(version, fc.nat(200), version, fc.nat(200), (a, m, b, n) => {
        expect(after(a, m) === after(b, n)).toBe(a === b && m === n);
      }),
    );
    expect(new Set(Array.from({ length: 200 }, (_, n) => after(2 ** 53 - 1, n))).size).toBe(200);
  });
});
