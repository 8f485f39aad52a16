/** Each of examples/hosts, as `npm run start:host <name>` runs it: a process of its own. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { filesBelow, requireBuilt, root } from "../setup/project.ts";
import { runNode } from "../setup/run.ts";

const names = filesBelow("examples/hosts")
  .filter((file) => file.endsWith(".ts") && file !== "sessions.ts")
  .map((file) => file.slice(0, -3));

beforeAll(async () => {
  requireBuilt();
  const { code, stdout } = await runNode([
    "node_modules/typescript/bin/tsc",
    "-b",
    "--force",
    "examples/hosts",
  ]);
  expect(code, stdout).toBe(0);
});

/** Where it says that it listens. */
async function start(name: string): Promise<string> {
  const child = spawn(process.execPath, ["scripts/start-host.mjs", name], {
    cwd: root,
    env: { ...process.env, PORT: "0" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill());
  for await (const line of createInterface(child.stdout)) {
    const [, url] = /^\S+ on (http:\/\/localhost:\d+)$/.exec(line) ?? [];
    if (url === undefined) continue;
    child.stdout.resume();
    return url;
  }
  throw new Error(`${name} has ended`);
}

async function visit(url: string, cookie = ""): Promise<{ text: string; cookie: string }> {
  const answer = await fetch(url, { headers: { cookie } });
  const [set = ""] = answer.headers.getSetCookie();
  return { text: await answer.text(), cookie: set.split(";")[0] ?? "" };
}

test("every host has an example", () => {
  expect(names.length).toBeGreaterThan(6);
});

describe.each(names)("the example examples/hosts/%s", (name) => {
  test("the example counts the visits of a browser", async () => {
    const url = await start(name);
    const first = await visit(url);
    expect(first.text).toContain("visit 1");
    expect((await visit(url, first.cookie)).text).toContain("visit 2");
    expect((await visit(url)).text).toContain("visit 1");
  });
});

test("the example's socket knows its visitor, and refuses other origins and requests without a session", async () => {
  const url = await start("websocket");
  const { cookie } = await visit(url);
  const connect = (headers: Record<string, string>): Promise<string> =>
    new Promise((done) => {
      const ws = new WebSocket(url.replace("http", "ws"), { headers });
      onTestFinished(() => ws.terminate());
      ws.on("message", (data: Buffer) => done(data.toString()));
      ws.on("unexpected-response", (_request, { statusCode }) => done(String(statusCode)));
      ws.on("error", (error) => done(error.message));
    });
  expect(await connect({ cookie })).toBe(", 1 on the socket");
  expect(await connect({ cookie, origin: url })).toBe(", 1 on the socket");
  expect(await connect({ cookie, origin: "https://evil.example" })).toBe("403");
  expect(await connect({ cookie, origin: "null" })).toBe("403");
  expect(await connect({})).toBe("401");
});

test("the error about an unknown host names the hosts that exist", async () => {
  const { code, stderr } = await runNode(["scripts/start-host.mjs", "../demo/main"]);
  expect(code).toBe(1);
  expect(stderr).toContain(names.join(", "));
});
