/** What `npm run test:setup` says on a machine that cannot have a program, in a process of its own. */
import process from "node:process";
import { describe, expect, it } from "vitest";
import { run } from "../setup/run.ts";

/** Nothing is installed: whoever names a path wants that program and no other. */
const NONE = {
  CHROMIUM_PATH: "/nowhere/chromium",
  REDIS_SERVER_PATH: "/nowhere/redis",
  NGINX_PATH: "/nowhere/nginx",
};
/** A program that is there stands for each of them. */
const ALL = {
  CHROMIUM_PATH: process.execPath,
  REDIS_SERVER_PATH: process.execPath,
  NGINX_PATH: process.execPath,
};

/** The script's exit code and its lines, with these variables and on this kind of processor. */
async function setUp(
  variables: Readonly<Record<string, string>>,
  arch: string = process.arch,
): Promise<{ code: number; lines: string[] }> {
  const set = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  const pretend = `data:text/javascript,Object.defineProperty(process, "arch", { value: "${arch}" })`;
  const clean = ["-u", "CI", "-u", "SOJOURN_TEST_POSTGRES_URL"];
  const script = ["--import", pretend, "scripts/test-setup.mjs"];
  const { code, stderr } = await run("env", [...clean, ...set, process.execPath, ...script]);
  return { code, lines: stderr.split("\n").filter(Boolean) };
}

describe("npm run test:setup", () => {
  it("the command says one line for each program that is missing, and how to get it", async () => {
    const { code, lines } = await setUp(NONE);
    expect(code).toBe(0);
    const programs = lines.filter((line) => line.includes("apt-get install"));
    expect(programs).toEqual([
      expect.stringMatching(/^chromium is missing, .+ CHROMIUM_PATH to its path\.$/),
      expect.stringMatching(/^redis-server is missing, .+ REDIS_SERVER_PATH to its path\.$/),
      expect.stringMatching(/^nginx is missing, .+ NGINX_PATH to its path\.$/),
    ]);
  });

  it("the command says one line if the machine has no PostgreSQL, and none if it is given a server", async () => {
    const { code, lines } = await setUp(ALL, "riscv64");
    expect(code).toBe(0);
    expect(lines).toEqual([
      expect.stringMatching(/^PostgreSQL .+ set SOJOURN_TEST_POSTGRES_URL to the address/),
    ]);
    const given = { ...ALL, CI: "true", SOJOURN_TEST_POSTGRES_URL: "postgres://localhost" };
    expect(await setUp(given, "riscv64")).toEqual({ code: 0, lines: [] });
  });

  it.each([
    ["a program", NONE, process.arch],
    ["PostgreSQL", ALL, "riscv64"],
  ])("the command fails with CI=true if %s is missing", async (_, variables, arch) => {
    expect(await setUp({ ...variables, CI: "true" }, arch)).toMatchObject({ code: 1 });
  });
});
