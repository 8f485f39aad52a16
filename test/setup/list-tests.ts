import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { expect, onTestFinished } from "vitest";
import { root } from "./project.ts";
import { runNode } from "./run.ts";

interface Listed {
  readonly name: string;
  readonly file: string;
}

/** The names of the tests that vitest would run with these arguments. */
export async function listTests(...args: readonly string[]): Promise<readonly string[]> {
  return (await list(args)).map(({ name }) => name);
}

/** The same, each with its file below test/ in front of it. */
export async function listFiles(...args: readonly string[]): Promise<readonly string[]> {
  const below = join(root, "test/");
  return (await list(args)).map(
    ({ name, file }) => `${relative(below, file).replaceAll(sep, "/")} > ${name}`,
  );
}

async function list(args: readonly string[]): Promise<readonly Listed[]> {
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
  return JSON.parse(await readFile(file, "utf8")) as readonly Listed[];
}
