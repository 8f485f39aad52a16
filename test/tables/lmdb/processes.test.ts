/** Several processes and a worker thread on one LMDB database. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { lmdbTable } from "../../../src/tables/lmdb.ts";
import type { LmdbTable } from "../../../src/tables/lmdb.ts";
import { GO, start, testProcesses } from "../../contracts/tables/processes.ts";
import { requireBuilt } from "../../setup/project.ts";
import { openLmdb } from "../../support/tables/lmdb-table.ts";
import { CHILD, Others, hear } from "../../support/tables/others.ts";

beforeAll(requireBuilt);

testProcesses("lmdb", openLmdb);

describe("a process that shares an LMDB database", () => {
  let path = "";
  let table: LmdbTable;
  let others: Others;
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), "sojourn-lmdb-"));
    table = lmdbTable({ path });
    others = new Others("lmdb", path);
  });
  afterEach(async () => {
    await others.end();
    await table.close();
    rmSync(path, { recursive: true });
  });

  it("a process sees what another one has committed, even in a turn in which it has read before", async () => {
    expect(table.get("late")).toBeUndefined();
    // As while one of two requests that arrive together is handled: the event loop does not turn.
    execFileSync(process.execPath, [CHILD, ...others.arguments("insert", "late")]);
    expect(table.get("late")?.value).toBe("inserted");
  });

  it("a process with writes under way and a blocked event loop does not stop the others", async () => {
    const stopped = others.startProcess("block", "stopped");
    await start(table, [stopped]);
    await hear(stopped, "blocked");
    for (let i = 0; i < 100; i++) {
      expect(await table.insert(`other-${i}`, GO, 0)).toBe(true);
    }
  });

  it("a process with a full disk gets errors and goes on", async () => {
    // In blocks of 512 bytes, and for this process alone: what it writes beyond is refused.
    const child = spawn(
      "sh",
      [
        "-c",
        `ulimit -f 8000; exec "$0" "$@"`,
        process.execPath,
        CHILD,
        ...others.arguments("fill", "full"),
      ],
      { stdio: ["ignore", "pipe", "ignore"] },
    );
    const other = others.remember(
      child.stdout,
      once(child, "close"),
      () => void child.kill("SIGKILL"),
    );
    const wrote = /wrote (\d+), reads (\d+)/.exec(await hear(other, "wrote"));
    expect(Number(wrote?.[1])).toBeGreaterThan(20);
    expect(wrote?.[2]).toBe(wrote?.[1]);
    await hear(other, "errors true");
    expect(await other.ended).toEqual([0, null]);
    // Nothing half-written is left, and who has room goes on.
    expect(await table.insert("after", GO, 0)).toBe(true);
    expect(await table.sweep?.(1)).toBe(Number(wrote?.[1]) + 1);
  });

  it("a process that starts again finds what it has written, and only that", async () => {
    const row = { value: "kept", version: 2 ** 53 - 1, expiresAt: Date.UTC(9999, 0) };
    await table.insert("kept", row, 0);
    await table.insert("ended", row, 0);
    await table.delete("ended");
    await table.close();
    table = lmdbTable({ path });
    expect(table.get("kept")).toEqual(row);
    expect(table.get("ended")).toBeUndefined();
  });
});
