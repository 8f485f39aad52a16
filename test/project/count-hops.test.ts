/** `npm run count:hops`, for one request of those that it counts. */
import { beforeAll, describe, expect, it } from "vitest";
import { filesBelow, requireBuilt } from "../setup/project.ts";
import { runNode } from "../setup/run.ts";

beforeAll(requireBuilt);

async function linesOf(...args: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await runNode(["scripts/count-hops.mjs", ...args]);
  expect(code, stderr).toBe(0);
  return stdout.trimEnd().split("\n");
}

describe("count:hops", () => {
  it("the report counts the files, the functions and the stays, and names the files entered most", async () => {
    const [head = "", row = "", ...others] = await linesOf("hono", "cookie", "write");
    expect(head).toMatch(
      /^host +store +operation +files +functions +stays +with arrows +entered most$/,
    );
    expect(others).toEqual([]);

    const [, ...counts] = /^hono +cookie +write +(\d+) +(\d+) +(\d+) +(\d+) {2}\S/.exec(row) ?? [];
    const [files = 0, functions = 0, stays = 0, withArrows = 0] = counts.map(Number);
    expect(files).toBeGreaterThan(0);
    expect(functions).toBeGreaterThan(files);
    expect(stays).toBeGreaterThan(0);
    expect(withArrows).toBeGreaterThanOrEqual(stays);
    expect(row).toMatch(/ {2}(?:[\w/-]+ \d+, ){5}[\w/-]+ \d+$/);
  });

  it("the report shows the way of a request in order, in files that exist", async () => {
    const lines = await linesOf("--trace", "hono", "cookie", "write");
    const entered = lines.map((line) => line.trim().replace(/\..*$/, ""));
    const files = filesBelow("src").map((path) => `/${path}`);
    const unknown = entered.filter((name) => !files.some((path) => path.endsWith(`/${name}.ts`)));
    expect(unknown).toEqual([]);
    expect(lines[0]).toBe("hono.sojourn");
    const steps = ["read-cookies", "commit", "response-headers"];
    const places = steps.map((name) => entered.lastIndexOf(name));
    expect(places[0]).toBeGreaterThan(0);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  it("the command refuses what it does not know, and says what it takes", async () => {
    const { code, stderr } = await runNode(["scripts/count-hops.mjs", "hono", "no-such-store"]);
    expect(code).toBe(1);
    expect(stderr).toContain("memory|async|cookie");
  });
});
