/** The table in D1, in real workerd. */
import { describe, expect, it } from "vitest";
import { NOW, newKey, row } from "../../../src/testing/contract/case.ts";
import { requireBuilt } from "../../setup/project.ts";
import { runNode } from "../../setup/run.ts";
import { tableIn } from "../../support/cloudflare/table-in.mjs";
import { hasWorkerd } from "../../support/cloudflare/workerd.ts";
import { testInWorkerd } from "./world.ts";

describe.skipIf(!hasWorkerd)("the D1 table in workerd", { timeout: 60_000 }, () => {
  const workerd = testInWorkerd("D1");

  it("the table is the one that npx sojourn ddl sqlite prints, and migrate leaves one alone that is there", async () => {
    requireBuilt();
    const { url, ask } = workerd();
    const { stdout } = await runNode(["dist/cli/main.js", "ddl", "sqlite", "of_cli"]);
    await ask(
      "/sql",
      stdout.split(";\n").filter((text) => text.trim() !== ""),
    );
    const table = tableIn(url, "of_cli");
    const key = newKey();
    expect(await table.insert(key, row("a", 1), NOW)).toBe(true);
    expect((await ask("/table/of_cli", ["migrate"])).status).toBe(200);
    expect(await table.get(key)).toEqual(row("a", 1));
  });

  it("L2: a table that is missing is an error, which tells nothing of the row", async () => {
    const table = tableIn(workerd().url, "missing");
    const insert = Promise.resolve(table.insert(newKey(), row("4111 1111", 1), NOW));
    const error: unknown = await insert.catch((reason: unknown) => reason);
    const { message, cause } = error as Error;
    expect(message).toMatch(/^the database has refused a command, and has done nothing/);
    expect(cause).toMatch(/no such table/);
    expect(cause).not.toContain("4111");
  });
});
