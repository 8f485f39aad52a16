/** The code of docs/guide/tokens.md is run, in several processes that share its table. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, beforeEach, expect, it } from "vitest";
import { requireBuilt, root } from "../setup/project.ts";
import { runNode } from "../setup/run.ts";
import { writePage } from "../setup/write-modules.ts";

const folder = join(root, "build/tokens-page");
const used = join(folder, "used.txt");

/*
 * One process of the application. `sign-in` prints the cookie of a session whose token has run out. `ask` sends five
 * requests at once and prints what they got; the provider's part writes each refresh token that is used to a file.
 */
const MAIN = `
import { pass } from "./clock.js";
import { appendFileSync } from "node:fs";
import { cookieFor } from "sojourn/testing";
import { createApp } from "./app.js";
import { sessions } from "./sessions.js";

const [does, cookie, , provider] = process.argv.slice(2);

async function refresh({ refresh }) {
  appendFileSync("used.txt", refresh + "\\n");
  if (provider === "hangs") {
    console.log("refreshing");
    await new Promise(() => setInterval(() => {}, 1000));
  }
  if (provider === "fails") throw new Error("the provider is down");
  await new Promise((resolve) => setTimeout(resolve, 100));
  const n = Number(refresh.slice(1)) + 1;
  return { access: "a" + n, refresh: "r" + n, expires_at: Date.now() + 60_000 };
}

if (does === "sign-in") {
  console.log(await cookieFor(sessions, {
    user_id: "ann",
    token: { access: "a0", refresh: "r0", expires_at: 0 },
  }));
} else {
  const app = createApp(refresh).onError((error, c) => c.text(error.message, 500));
  const headers = { cookie };
  if (does === "renew") {
    app.get("/renew", (c) => (c.var.session.renew(), c.text("")));
    await app.request("https://shop.example/renew", { headers });
    setTimeout(() => pass(11_000), 300);
  }
  const answers = await Promise.all(Array.from({ length: 5 }, () => app.request("https://shop.example/mail", { headers })));
  console.log((await Promise.all(answers.map((answer) => answer.text()))).join(" "));
}
process.exit();
`;

const CLOCK = `
const { now } = Date;
let ahead = Number(process.argv[4] ?? 0);
Date.now = () => now() + ahead;
export const pass = (milliseconds) => (ahead += milliseconds);
`;

beforeAll(() => {
  requireBuilt();
  writePage("docs/guide/tokens.md", folder);
  writeFileSync(join(folder, "main.js"), MAIN);
  writeFileSync(join(folder, "clock.js"), CLOCK);
});
beforeEach(() => {
  writeFileSync(used, "");
});

async function main(...args: readonly (string | number)[]): Promise<string> {
  const { stdout, stderr } = await runNode(["main.js", ...args.map(String)], { cwd: folder });
  if (stderr) throw new Error(stderr);
  return stdout.trim();
}

/** Five requests in each of several processes; gives the different answers. */
async function askEverywhere(cookie: string, ahead: number): Promise<readonly string[]> {
  const lines = await Promise.all(Array.from({ length: 4 }, () => main("ask", cookie, ahead)));
  expect(lines.map((line) => line.split(" ").length)).toEqual([5, 5, 5, 5]);
  return [...new Set(lines.join(" ").split(" "))];
}

const refreshed = (): readonly string[] => readFileSync(used, "utf8").split("\n").filter(Boolean);

it("parallel requests of four processes refresh an access token once each time it expires", async () => {
  const cookie = await main("sign-in");
  expect(await askEverywhere(cookie, 0)).toEqual(["a1"]);
  expect(refreshed()).toEqual(["r0"]);
  expect(await askEverywhere(cookie, 30_000)).toEqual(["a1"]);
  expect(await askEverywhere(cookie, 120_000)).toEqual(["a2"]);
  expect(refreshed()).toEqual(["r0", "r1"]);
}, 60_000);

it("one request takes the refresh over if its process has died and its claim has ended", async () => {
  const cookie = await main("sign-in");
  const child = spawn(process.execPath, ["main.js", "ask", cookie, "0", "hangs"], { cwd: folder });
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(refreshed()).toEqual(["r0"]);
  expect(await askEverywhere(cookie, 11_000)).toEqual(["a1"]);
  expect(refreshed()).toEqual(["r0", "r0"]);
}, 60_000);

it("no other request tries a failed refresh again until the claim has ended", async () => {
  const cookie = await main("sign-in");
  const child = spawn(process.execPath, ["main.js", "ask", cookie, "0", "fails"], { cwd: folder });
  try {
    while (refreshed().length === 0) await new Promise((resolve) => setImmediate(resolve));
  } finally {
    child.kill("SIGKILL");
  }
  await once(child, "exit");
  expect(refreshed()).toEqual(["r0"]);
  expect(await askEverywhere(cookie, 11_000)).toEqual(["a1"]);
}, 60_000);

it("a request whose cookie was renewed away refreshes nothing", async () => {
  const cookie = await main("sign-in");
  const answers = await main("renew", cookie);
  expect(answers).toBe("signed out signed out signed out signed out signed out");
  expect(refreshed()).toEqual([]);
}, 60_000);
