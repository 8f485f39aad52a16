import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { readPage } from "../setup/markdown.ts";
import { read, requireBuilt } from "../setup/project.ts";
import { run } from "../setup/run.ts";

/** The README's five minutes, pasted into an empty folder, with the packed package. */
const { fences } = readPage("README.md", read("README.md"));
const shell = fences.filter(({ language }) => language === "sh").map(({ code }) => code);
const [install = [], ask = []] = shell;
const files = fences
  .filter(({ language }) => language === "js")
  .map(({ code }) => [/^\/\/ (\S+)$/.exec(code[0] ?? "")?.[1] ?? "", code] as const);

let folder: string;
let port: string;
let stop: () => void = () => {};

/** The page says 3000, which may be taken here. */
const here = (lines: readonly string[]): string => lines.join("\n").replaceAll("3000", port);

beforeAll(async () => {
  requireBuilt();
  folder = mkdtempSync(join(tmpdir(), "sojourn-readme-"));
  port = await freePort();
  const packed = await run("npm", ["pack", "--ignore-scripts", "--pack-destination", folder]);
  const tarball = `./${packed.stdout.trim().split("\n").at(-1)}`;
  for (const [name, code] of files) writeFileSync(join(folder, name), here(code));
  const script = `${here(install)}\nexec node app.js`.replace(
    "install sojourn ",
    `install ${tarball} `,
  );
  const app = spawn("bash", ["-ec", script], { cwd: folder, stdio: "ignore" });
  stop = () => void app.kill();
  for (let tries = 0; tries < 600; tries++) {
    const answer = await run("curl", ["-s", `http://localhost:${port}`]);
    if (answer.code === 0) return;
    if (app.exitCode !== null) throw new Error("the README's application stopped");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
});

afterAll(() => {
  stop();
  rmSync(folder, { recursive: true, force: true });
});

describe("the README's five minutes", () => {
  it("the five minutes are an installation, two files and some requests", () => {
    expect(install.join()).toContain("npx sojourn secret");
    expect(files.map(([name]) => name)).toEqual(["sessions.js", "app.js"]);
    expect(ask.length).toBeGreaterThan(3);
  });

  it("each request gets the response that the page shows", async () => {
    for (const line of ask) {
      const [command = "", expected] = here([line]).split(/\s+# /);
      const { stdout } = await run("bash", ["-c", command.replace("curl", "curl -s")], {
        cwd: folder,
      });
      expect(stdout, command).toBe(expected);
    }
  });
});

test("the continuous integration runs the README's commands, and nothing else", () => {
  const [shebang, ...lines] = read(".ci/run").trim().split("\n");
  expect(shebang).toBe("#!/usr/bin/env bash");
  const [strict, here, ...commands] = lines;
  expect([strict, here]).toEqual(["set -euo pipefail", 'cd "$(dirname "$0")/.."']);
  expect(shell).toContainEqual(commands);
});

async function freePort(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port: free } = server.address() as AddressInfo;
  server.close();
  return String(free);
}
