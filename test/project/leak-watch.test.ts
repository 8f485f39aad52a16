import { describe, expect, test } from "vitest";
import { runNode } from "../setup/run.ts";
import { LeakScanner } from "../support/leaks.ts";

const SECRET = "hQ7xm2Vd9_LkZp4Rt8-WnB3s";

/** Runs one test that says its secret in these ways. */
function leaking(ways: readonly string[]): ReturnType<typeof runNode> {
  process.env["LEAK"] = ways.join();
  const vitest = "node_modules/vitest/vitest.mjs";
  return runNode([vitest, "run", "--config=test/setup/leaky/vitest.config.mjs"]);
}

describe("L21: the watch for leaks", () => {
  test("the watch lets a test pass that says nothing", async () => {
    const { code, stdout } = await leaking([]);
    expect(code, stdout).toBe(0);
  });

  test.each([
    "console.warn",
    "process.stderr",
    "a warning",
    "event sojourn:refuse",
    "a SessionError",
    "the cause of a SessionError",
  ])("the watch fails the run if a secret is in %s", async (way) => {
    const { code, stderr } = await leaking([way]);
    expect(code).toBe(1);
    expect(stderr).toContain("secrets that this file has said");
    expect(stderr).toContain(`"where": "${way}"`);
  });
});

describe("the scanner for secrets", () => {
  const bytes = Buffer.from(SECRET);
  test.each([
    ["as it is", SECRET],
    ["in part", SECRET.slice(0, 20)],
    ["in hex", bytes.toString("hex")],
    ["in upper-case hex", bytes.toString("hex").toUpperCase()],
    ["in base64", bytes.toString("base64")],
    ["in base64 inside of something", Buffer.from(`{"a":"${SECRET}"}`).toString("base64")],
    ["in base64 inside of something else", Buffer.from(`[ "${SECRET}" ]`).toString("base64url")],
    ["in base64 at the end of something", Buffer.from(`1${SECRET}`).toString("base64")],
  ])("the scanner finds a secret %s", (_how, said) => {
    const scanner = new LeakScanner();
    scanner.hear("a log", `value is "${said}"\n`);
    expect(scanner.found()).toEqual([]);
    scanner.confide(SECRET);
    expect(scanner.found()).toHaveLength(1);
  });

  test("the scanner finds a secret URL-encoded, or escaped in JSON", () => {
    const secret = "key=1&name=Zoë Müller/ab\n+cdef";
    for (const said of [encodeURIComponent(secret), JSON.stringify({ secret })]) {
      const scanner = new LeakScanner();
      scanner.confide(secret);
      scanner.hear("a log", said);
      expect(scanner.found(), said).toHaveLength(1);
    }
  });

  test("the scanner finds a table's cookie, its token and its bytes, and lets its handle pass", () => {
    const scanner = new LeakScanner();
    const cookie = Buffer.from(Array.from({ length: 48 }, (_, at) => at * 5));
    scanner.confideCookie(cookie.toString("base64url"));
    scanner.hear("an event", cookie.toString("base64url", 0, 16));
    expect(scanner.found()).toEqual([]);
    scanner.hear("a log", cookie.toString("base64url"));
    scanner.hear("a dump", cookie.toString("hex"));
    expect(scanner.found().map(({ where }) => where)).toEqual(["a log", "a dump"]);
  });

  test("the scanner finds nothing in a text that only looks alike", () => {
    const scanner = new LeakScanner();
    scanner.confide(SECRET);
    scanner.confide("0".repeat(100));
    scanner.hear("a log", `${SECRET.slice(0, 12)}… and ${"0".repeat(50)}`);
    expect(scanner.found()).toEqual([]);
  });
});
