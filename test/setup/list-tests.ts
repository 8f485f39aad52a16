import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { runNode } from "./run.ts";

/** The names of the tests that vitest would run with these arguments. */
export async function listTests(...args: readonly string[]): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), "sojourn-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "list.json");
  const { code, stderr } = await runNode([
    "node_modules/vitest/vitest.mjs",
    "list",
    `--json=${file}`,
    ...args,
  ]);
  expect(code, stderr).toBe(0);
  const list = JSON.parse(await readFile(file, "utf8")) as readonly { readonly name: string }[];
  return list.map(({ name }) => name);
}
