/** Runs the blocks of docs/guide/guide.md as one program, with both of its stores, over a socket. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Browser } from "../dynamo/browser.ts";
import { chaptersOf, readPage } from "../setup/markdown.ts";
import type { Module } from "../setup/markdown.ts";
import { read, requireBuilt, root } from "../setup/project.ts";
import { writeModules } from "../setup/write-modules.ts";

const KEY = "__Host-session";
const page = readPage("docs/guide/guide.md", read("docs/guide/guide.md"));
const chapters = chaptersOf(page).map(({ modules }) => modules);
const folder = join(root, "build/guide");

/** The last chapter is the guide followed to its end; each earlier one is what a step says to replace. */
const [cookieSteps = [], beforeFetch = [], end = []] = chapters;

describe("the guide", () => {
  const children: ChildProcess[] = [];

  beforeAll(() => {
    requireBuilt();
    rmSync(folder, { recursive: true, force: true });
  });

  afterAll(() => {
    for (const child of children) child.kill();
  });

  /** Starts `server.ts` as its reader would, and gives its address once it says it; or how it ended. */
  async function start(
    name: string,
    modules: readonly Module[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<{ readonly url: string; readonly errors: string }> {
    writeModules(join(folder, name), modules);
    const child = spawn(process.execPath, [join(folder, name, "server.js")], {
      env: { PATH: process.env["PATH"], PORT: "0", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    children.push(child);
    let errors = "";
    child.stderr.on("data", (data) => (errors += String(data)));
    const lines = createInterface(child.stdout);
    const [line] = await Promise.race([once(lines, "line"), once(child, "close")]);
    return { url: typeof line === "string" ? line : "", errors };
  }

  it("the guide has the headings of Dynamo's guide, in the same order", () => {
    const headings = page.prose.flatMap(({ text }) => /^#+ (.+)$/.exec(text)?.[1] ?? []);
    expect(headings).toEqual([
      "How to use sessions",
      "Configuring a session store",
      "Cookie store",
      "ETS store",
      "Fetch the session in your prepare hook",
      "Managing session data",
      "putSession(conn, key, value)",
      "getSession(conn, key)",
      "deleteSession(conn, key)",
      "configureSession(conn, key, value)",
      "Serving the application",
    ]);
  });

  it("the guide has no TypeScript that this test does not run", () => {
    expect(chapters).toHaveLength(3);
    const files = (modules: readonly Module[]): string[] => modules.map(({ file }) => file);
    expect(files(cookieSteps)).toEqual(["dynamo.ts"]);
    expect(files(beforeFetch)).toEqual(["dynamo.ts", "tables.ts", "router.ts"]);
    expect(files(end).toSorted()).toEqual(["dynamo.ts", "router.ts", "server.ts", "tables.ts"]);
    expect(page.fences.map(({ language }) => language).filter((each) => each !== "ts")).toEqual([
      "sh",
    ]);
  });

  const secret = { SESSION_SECRET: randomBytes(32).toString("base64url") };
  const stores = [
    { store: "the cookie store", modules: replace(end, cookieSteps), env: secret },
    { store: "the ETS store", modules: end, env: {} },
  ];

  describe.each(stores)("with $store", ({ store, modules, env }) => {
    let url = "";
    beforeAll(async () => {
      const started = await start(store.replaceAll(" ", "-"), modules, env);
      expect(started.errors).toBe("");
      ({ url } = started);
    });

    async function signedIn(): Promise<Browser> {
      const browser = new Browser(url);
      await browser.send("POST", "/login");
      return browser;
    }

    it("a visitor gets an empty session and no cookie", async () => {
      const answer = await new Browser(url).send("GET", "/");
      expect(answer).toMatchObject({ status: 200, body: "nobody", setCookie: [] });
    });

    it("after a put, the response sets the cookie under the configured key", async () => {
      const answer = await new Browser(url).send("POST", "/login");
      expect(answer).toMatchObject({ status: 302, location: "/" });
      expect(answer.setCookie).toEqual([
        expect.stringMatching(
          new RegExp(`^${KEY}=[\\w-]+; Path=/; HttpOnly; Secure; SameSite=Lax$`),
        ),
      ]);
      const [, value = ""] = /=([\w-]+);/.exec(answer.setCookie.join()) ?? [];
      expect(Buffer.from(value, "base64url").includes("s23fa3")).toBe(false);
    });

    it("getSession gives one key or all keys, and sends no cookie", async () => {
      const browser = await signedIn();
      const one = await browser.send("GET", "/");
      expect(one).toMatchObject({ body: "s23fa3aefvtwerg", setCookie: [] });
      const all = await browser.send("GET", "/session");
      expect(all).toMatchObject({ body: '{"user_id":"s23fa3aefvtwerg"}', setCookie: [] });
    });

    it("deleteSession deletes one key and keeps the session", async () => {
      const browser = await signedIn();
      await browser.send("POST", "/forget");
      expect(await browser.send("GET", "/")).toMatchObject({ body: "nobody" });
      expect(browser.cookie(KEY)).toBeDefined();
    });

    it("a log-out ends the session and clears its cookie", async () => {
      const browser = await signedIn();
      const copy = `${KEY}=${browser.cookie(KEY)}`;
      await browser.send("POST", "/logout");
      expect(browser.cookie(KEY)).toBeUndefined();
      expect(await browser.send("GET", "/")).toMatchObject({ body: "nobody" });
      const thief = await new Browser(url).send("GET", "/", { cookie: copy });
      expect(thief.body).toBe(store === "the ETS store" ? "nobody" : "s23fa3aefvtwerg");
    });

    it("configureSession sends no cookie if the setting is the default", async () => {
      const browser = await signedIn();
      const answer = await browser.send("POST", "/configure");
      expect(answer).toMatchObject({ status: 302, setCookie: [] });
    });

    it("configureSession sends the cookie again if the setting differs, without a put", async () => {
      const browser = await signedIn();
      const { setCookie } = await browser.send("POST", "/remember");
      expect(setCookie).toEqual([
        expect.stringMatching(/; Max-Age=\d{7}; Expires=[^;]*; Path=\/; HttpOnly/),
      ]);
      expect(await browser.send("GET", "/")).toMatchObject({ body: "s23fa3aefvtwerg" });
    });
  });

  it("the application runs before the guide fetches the session, and answers 404", async () => {
    const modules = replace(end, beforeFetch);
    const { url, errors } = await start("before-the-fetch", modules);
    expect(errors).toBe("");
    expect(await new Browser(url).send("GET", "/?a=1")).toMatchObject({ status: 404 });
  });

  it("the application does not start without a secret, and says what to do", async () => {
    const { url, errors } = await start("no-secret", replace(end, cookieSteps));
    expect(url).toBe("");
    expect(errors).toContain("ERR_SESSION_CONFIG");
    expect(errors).toContain("npx sojourn secret");
  });

  it("the application does not start without its table", async () => {
    const modules = end.map(({ file, lines }) =>
      file === "tables.ts" ? { file, lines: [{ text: "export {};", line: 0 }] } : { file, lines },
    );
    const { url, errors } = await start("no-table", modules);
    expect(url).toBe("");
    expect(errors).toContain("ERR_SESSION_CONFIG");
  });
});

/** The program with files of another step instead of its own. */
function replace(program: readonly Module[], step: readonly Module[]): readonly Module[] {
  const others = program.filter(({ file }) => !step.some((each) => each.file === file));
  return [...others, ...step];
}
