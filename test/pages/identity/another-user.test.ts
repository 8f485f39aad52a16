/** Runs the code of docs/guide/another-user.md as an application that has installed the package. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { beforeAll, expect, it, onTestFinished, vi } from "vitest";
import type { Sessions } from "../../../src/core/types.ts";
import { requireBuilt, root } from "../../setup/project.ts";
import { writePage } from "../../setup/write-modules.ts";

const folder = join(root, "build/another-user-page");

beforeAll(() => {
  requireBuilt();
  writePage("docs/guide/another-user.md", folder);
});

/** Starts the page's application, and gives a browser of it. */
async function start() {
  const log = vi.spyOn(console, "info").mockImplementation(() => {});
  const load = async (file: string): Promise<unknown> =>
    import(/* @vite-ignore */ join(folder, file));
  const { app } = (await load("app.js")) as { app: RequestListener };
  const { sessions } = (await load("sessions.js")) as { sessions: Sessions };
  const server = createServer(app);
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    server.close();
    log.mockRestore();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let cookie = "";
  const ask = async (method: "GET" | "POST", path: string, user = ""): Promise<string> => {
    const form = method === "POST" ? { body: new URLSearchParams({ user }) } : {};
    const answer = await fetch(url + path, { method, headers: { cookie }, ...form });
    for (const each of answer.headers.getSetCookie()) cookie = each.split(";")[0] ?? "";
    return answer.text();
  };
  return { sessions, ask, log };
}

it("L9: an administrator acts as a user, stays the subject, and comes back", async () => {
  const { sessions, ask, log } = await start();
  await ask("POST", "/login", "admin");
  expect(await ask("POST", "/act-as", "ann")).toBe("acting");
  expect(await ask("GET", "/")).toBe("admin sees ann");
  expect(await sessions.list?.("admin")).toHaveLength(1);
  expect(await sessions.list?.("ann")).toHaveLength(0);
  expect(log).toHaveBeenCalledWith("admin acts as ann");
  await ask("POST", "/act-as-myself");
  expect(await ask("GET", "/")).toBe("admin sees admin");
  await ask("POST", "/act-as", "ann");
  await sessions.revoke("admin");
  expect(await ask("GET", "/")).toBe("nobody sees nobody");
});

it("L9: who logs in over that session acts as nobody, and may not act", async () => {
  const { ask } = await start();
  await ask("POST", "/login", "admin");
  await ask("POST", "/act-as", "ann");
  await ask("POST", "/login", "bob");
  expect(await ask("GET", "/")).toBe("bob sees bob");
  expect(await ask("POST", "/act-as", "ann")).toBe("forbidden");
});
