/** The package as npm would publish it. */
import { join } from "node:path";
import { expect } from "vitest";
import { requireBuilt } from "./project.ts";
import { run } from "./run.ts";

/** Gives the tarball's path, and the paths of all files in it. */
export async function pack(
  folder: string,
): Promise<{ readonly tarball: string; readonly packed: readonly string[] }> {
  requireBuilt();
  // The scripts would build dist/ anew under the tests that run beside this one.
  const quiet = ["--ignore-scripts", "--json", "--pack-destination"];
  const { code, stdout, stderr } = await run("npm", ["pack", ...quiet, folder]);
  expect(code, stderr).toBe(0);
  const [report] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
  return { tarball: join(folder, report.filename), packed: report.files.map(({ path }) => path) };
}
