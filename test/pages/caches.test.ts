/** Runs the code of docs/operate/caches.md: its cache rule with apicache, the rest in Chromium. */
import { once } from "node:events";
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { RequestListener, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import express from "express";
import { chromium } from "playwright-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readPage } from "../setup/markdown.ts";
import { partPath } from "../setup/parts.ts";
import { read, requireBuilt, root } from "../setup/project.ts";
import { writePage } from "../setup/write-modules.ts";
import { until } from "../support/servers/servers.ts";
import { load } from "../tools/load.mjs";

const path = "docs/operate/caches.md";
const folder = join(root, "build/caches-page");

/** What a browser asks ahead for, and how. */
const AHEAD = {
  "a link": '<link rel="prefetch" href="/account">',
  "a speculation rule to prefetch": rule("prefetch"),
  "a speculation rule to prerender": rule("prerender"),
};

function rule(kind: string): string {
  const rules = { [kind]: [{ source: "list", urls: ["/account"], eagerness: "immediate" }] };
  return `<script type="speculationrules">${JSON.stringify(rules)}</script>`;
}

let server: Server;
let url = "";
/** What was asked of the server. */
let asked: string[] = [];

beforeAll(async () => {
  requireBuilt();
  writePage(path, folder);
  const script = readPage(path, read(path)).fences.find(({ language }) => language === "js");
  const [name = ""] = script?.code ?? [];
  const file = join(folder, name.replace("// ", ""));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, script?.code.join("\n") ?? "");
  const { app } = (await import(join(folder, "app.js"))) as { app: express.Express };
  const outer = express();
  outer.use((req, _res, next) => {
    asked.push(`${req.method} ${req.path}`);
    next();
  });
  // Pages without a session, around the page's own application.
  outer.get("/", (req, res) => {
    const ahead = AHEAD[req.query["ahead"] as keyof typeof AHEAD] ?? "";
    res.send(`${ahead}<title>home</title><a href="/account">Account</a>`);
  });
  outer.get("/without-script", (req, res, next) => {
    req.url = "/account";
    const { send } = res;
    res.send = (body: string) => send.call(res, body.replace(/<script.*?<\/script>/, ""));
    next();
  });
  outer.use(app);
  server = createServer(outer as unknown as RequestListener).listen(0, "localhost");
  await once(server, "listening");
  url = `http://localhost:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

it("apicache keeps what looks at no session, if it is told the page's rule", async () => {
  const { isForEverybody } = (await import(join(folder, "keep.js"))) as { isForEverybody: unknown };
  const { getSession, sessions } = (await import(join(folder, "sessions.js"))) as {
    getSession: (conn: object) => unknown;
    sessions: never;
  };
  const { session } = (await import(join(root, "dist/adapters/express.js"))) as {
    session: (sessions: never) => express.Handler;
  };
  const { default: apicache } = (await load("apicache")) as {
    default: { middleware(duration: string, rule: unknown): express.Handler };
  };
  let made = 0;
  const app = express().use(session(sessions), apicache.middleware("1 minute", isForEverybody));
  app.get("/for-all", (_req, res) => res.send(`${++made}`));
  app.get("/for-one", (req, res) => (getSession(req), res.send(`${++made}`)));
  const cached = createServer(app as unknown as RequestListener).listen(0, "localhost");
  await once(cached, "listening");
  const at = `http://localhost:${(cached.address() as AddressInfo).port}`;
  const text = async (page: string) => (await fetch(at + page)).text();
  const pages = ["/for-all", "/for-all", "/for-one", "/for-one"];
  const seen = [];
  for (const page of pages) seen.push(await text(page));
  expect(seen).toEqual(["1", "1", "2", "3"]);
  cached.closeAllConnections();
  cached.close();
});

const executablePath = partPath("chromium");

describe.skipIf(executablePath === undefined)("L16: on the disk of Chromium", () => {
  it.each([
    [undefined, true],
    ["no-store", false],
  ])(
    "with cacheControl %s, a page that looked is kept: %s",
    { timeout: 60_000 },
    async (cacheControl, isKept) => {
      const { createSessions, createTable, tableStore } = (await import(
        join(root, "dist/index.js")
      )) as typeof import("../../src/index.ts");
      const { session } = (await import(
        join(root, "dist/adapters/express.js")
      )) as typeof import("../../src/adapters/express.ts");
      const sessions = createSessions<{ user: string }>({
        store: tableStore({ table: createTable() }),
        key: "__Host-session",
        cacheControl: cacheControl as "no-store" | undefined,
      });
      const canary = `canary-of-the-disk-${randomUUID()}`;
      const app = express().use(session(sessions) as express.Handler);
      app.get("/account", (req, res) => {
        sessions.getSession(req, "user");
        res.send(canary + " ".repeat(100_000));
      });
      const served = createServer(app as unknown as RequestListener).listen(0, "localhost");
      await once(served, "listening");
      const profile = mkdtempSync(join(tmpdir(), "sojourn-chromium-"));
      const context = await chromium.launchPersistentContext(profile, {
        ...(executablePath !== undefined && { executablePath }),
        args: ["--no-sandbox", "--disable-gpu"],
      });
      try {
        const page = await context.newPage();
        await page.goto(`http://localhost:${(served.address() as AddressInfo).port}/account`);
        expect(await page.content()).toContain(canary);
        await page.close();
      } finally {
        await context.close(); // Only then is everything on the disk.
        served.closeAllConnections();
        served.close();
      }
      const files = readdirSync(profile, { recursive: true, withFileTypes: true })
        .filter((file) => file.isFile())
        .map((file) => readFileSync(join(file.parentPath, file.name), "latin1"));
      rmSync(profile, { recursive: true, force: true });
      expect(files.length).toBeGreaterThan(5);
      expect(files.some((text) => text.includes(canary))).toBe(isKept);
    },
  );
});

describe.skipIf(executablePath === undefined)("L16: in Chromium", { timeout: 60_000 }, () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch({
      ...(executablePath !== undefined && { executablePath }),
      // Playwright switches off what these tests are about.
      ignoreDefaultArgs: ["--disable-back-forward-cache"],
      args: ["--no-sandbox", "--disable-gpu"],
    });
  }, 60_000);
  afterAll(() => browser.close());

  async function tab(isSignedIn: boolean): Promise<Page> {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(url);
    if (isSignedIn) await post(page, "/login");
    return page;
  }

  /** As an application does that logs in and out without leaving its page. */
  const post = (page: Page, to: string): Promise<unknown> =>
    page.evaluate(async (target) => (await fetch(target, { method: "POST" })).text(), to);
  const shown = (page: Page): Promise<string> => page.innerText("p");

  describe.each(Object.keys(AHEAD))("a page that %s has fetched ahead", (ahead) => {
    it.each([
      ["log-in", false, "/login", "ada"],
      ["log-out", true, "/logout", "nobody"],
    ])("shows after a %s who is signed in", async (_, isSignedIn, act, user) => {
      const page = await tab(isSignedIn);
      asked = [];
      await page.goto(`${url}/?ahead=${encodeURIComponent(ahead)}`);
      await until("the page ahead", async () => asked.includes("GET /account"));
      await page.waitForLoadState("networkidle");
      await post(page, act);
      await page.click("a");
      await page.waitForSelector("p");
      expect(await shown(page)).toBe(user);
      await page.context().close();
    });
  });

  it.each([
    ["with the page's script shows who is signed in", "/account", "nobody"],
    // What SECURITY.md does not promise. If this fails, browsers have changed: tell users so.
    ["without it shows the former user", "/without-script", "ada"],
  ])("the back button after a log-out %s", async (_, account, user) => {
    const page = await tab(true);
    await page.goto(url + account);
    expect(await shown(page)).toBe("ada");
    await page.click("a");
    await page.waitForSelector("title", { state: "attached" });
    await post(page, "/logout");
    await page.goBack({ waitUntil: "commit" });
    // As text: these types know no DOM.
    await page.waitForFunction(
      `document.querySelector("p") && document.documentElement.style.visibility !== "hidden"`,
    );
    expect(await shown(page)).toBe(user);
    await page.context().close();
  });
});
