/** Runs the tests of docs/guide/testing.md with their own runners, as an application that has installed the package. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { chromium } from "playwright-core";
import type { BrowserContext } from "playwright-core";
import { beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { chaptersOf, readPage } from "../setup/markdown.ts";
import { partPath } from "../setup/parts.ts";
import { read, requireBuilt, root } from "../setup/project.ts";
import { runNode } from "../setup/run.ts";
import { writeModules } from "../setup/write-modules.ts";

const folder = join(root, "build/testing");
const page = readPage("docs/guide/testing.md", read("docs/guide/testing.md"));
const [modules = [], ...others] = chaptersOf(page).map(({ modules }) => modules);
const executablePath = partPath("chromium");

beforeAll(() => {
  requireBuilt();
  vi.stubEnv("SESSION_SECRET", randomBytes(32).toString("base64url"));
  rmSync(folder, { recursive: true, force: true });
  writeModules(folder, modules);
  // Without one, vitest would take the project's.
  writeFileSync(join(folder, "vitest.config.js"), "export default {};\n");
});

describe("the page about testing", () => {
  it("the page is one application, and this test runs every file of it", () => {
    expect(others).toEqual([]);
    expect(modules.map(({ file }) => file)).toEqual([
      "app.ts",
      "app.test.ts",
      "shop.ts",
      "shop.test.ts",
      "shop.node-test.ts",
      "inject.test.ts",
      "sign-in.ts",
    ]);
  });

  it("the page's tests for vitest pass", async () => {
    const vitest = join(root, "node_modules/vitest/vitest.mjs");
    const run = await runNode([vitest, "run", "--root", folder, "--reporter=json"], {
      cwd: folder,
    });
    const report = JSON.parse(run.stdout.slice(run.stdout.indexOf("{"))) as {
      success: boolean;
      testResults: { assertionResults: { title: string; status: string }[] }[];
    };
    const results = report.testResults.flatMap(({ assertionResults }) => assertionResults);
    expect(report.success, run.stdout + run.stderr).toBe(true);
    expect(Object.fromEntries(results.map(({ title, status }) => [title, status]))).toEqual({
      "a user fills a cart": "passed",
      "an idle user is signed out after an hour": "passed",
      "a log-out ends every copy of the cookie": "passed",
      "the shop knows its user": "passed",
      "Hono and Fastify take the same cookie": "passed",
    });
  });

  it("the page's test for node:test passes and its process ends, although nothing is closed", async () => {
    const run = await runNode([join(folder, "shop.node-test.js")], { cwd: folder });
    expect(run.code, run.stdout + run.stderr).toBe(0);
    expect(run.stdout).toMatch(/pass 1\b/);
  });

  it.skipIf(executablePath === undefined)(
    "signIn signs a browser in, even with a cookie that has the prefix __Host-",
    async () => {
      const shop = (await import(join(folder, "shop.js"))) as { app: RequestListener };
      const { signIn } = (await import(join(folder, "sign-in.js"))) as {
        signIn: (context: BrowserContext, baseURL: string, user_id: string) => Promise<void>;
      };
      const server = createServer(shop.app).listen(0, "localhost");
      await once(server, "listening");
      const browser = await chromium.launch({
        ...(executablePath !== undefined && { executablePath }),
        args: ["--no-sandbox", "--disable-gpu"],
      });
      onTestFinished(async () => {
        await browser.close();
        server.close();
      });
      const url = `http://localhost:${(server.address() as AddressInfo).port}`;
      const context = await browser.newContext();
      await signIn(context, url, "u1");
      const tab = await context.newPage();
      await tab.goto(url);
      expect(await tab.innerText("body")).toBe("u1");
    },
  );
});
