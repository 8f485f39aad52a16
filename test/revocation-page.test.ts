/** The code of docs/revocation.md is run, as an application would that has the package. */
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { once } from "node:events";
import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { beforeAll, expect, it, onTestFinished, vi } from "vitest";
import { chaptersOf, readPage } from "./setup/markdown.ts";
import { read, requireBuilt, root } from "./setup/project.ts";
import { writeModules } from "./setup/write-modules.ts";

const folder = join(root, "build/revocation-page");

beforeAll(() => {
  requireBuilt();
  vi.stubEnv("SESSION_SECRET", randomBytes(32).toString("base64url"));
  rmSync(folder, { recursive: true, force: true });
  const chapters = chaptersOf(readPage("docs/revocation.md", read("docs/revocation.md")));
  writeModules(
    folder,
    chapters.flatMap(({ modules }) => modules),
  );
});

interface Device {
  readonly handle: string;
  readonly label: string;
  readonly current: boolean;
}

/** A browser with a session cookie. */
class Visitor {
  readonly #url: string;
  #cookie = "";

  constructor(url: string) {
    this.#url = url;
  }

  async post(path: string, form: Readonly<Record<string, string>> = {}): Promise<void> {
    const body = new URLSearchParams(form);
    const answer = await this.#send(path, { method: "POST", body, redirect: "manual" });
    expect(answer.status).toBe(302);
  }

  async devices(): Promise<readonly Device[] | "nobody"> {
    const answer = await this.#send("/devices", {});
    return answer.ok ? ((await answer.json()) as readonly Device[]) : "nobody";
  }

  async #send(path: string, init: RequestInit): Promise<Response> {
    const answer = await fetch(this.#url + path, { ...init, headers: { cookie: this.#cookie } });
    for (const each of answer.headers.getSetCookie()) this.#cookie = each.split(";")[0] ?? "";
    return answer;
  }
}

it("lists a user's devices, and signs out one of them, or all others", async () => {
  const { app } = (await import(/* @vite-ignore */ join(folder, "app.js"))) as {
    app: RequestListener;
  };
  const server = createServer(app);
  onTestFinished(() => void server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const [phone, laptop, desk, eve] = ["phone", "laptop", "desk", "eve"].map(
    () => new Visitor(url),
  ) as [Visitor, Visitor, Visitor, Visitor];
  await phone.post("/login", { user: "ann", device: "phone" });
  await laptop.post("/login", { user: "ann", device: "laptop" });
  await desk.post("/login", { user: "ann", device: "desk" });
  await eve.post("/login", { user: "eve", device: "eve's" });

  const listed = (await laptop.devices()) as readonly Device[];
  expect(listed.map(({ label, current }) => [label, current])).toEqual([
    ["desk", false],
    ["laptop", true],
    ["phone", false],
  ]);
  const handle = listed[2]?.handle ?? "";
  await eve.post("/devices/sign-out", { handle });
  expect(await phone.devices()).toHaveLength(3);
  await laptop.post("/devices/sign-out", { handle });
  expect(await phone.devices()).toBe("nobody");
  await laptop.post("/devices/sign-out-others");
  expect(await desk.devices()).toBe("nobody");
  expect(await laptop.devices()).toMatchObject([{ label: "laptop", current: true }]);
  expect(await eve.devices()).toHaveLength(1);
});

it("sets revocable cookies up", async () => {
  const { sessions } = (await import(/* @vite-ignore */ join(folder, "sealed.js"))) as {
    sessions: { revoke: (subject: string) => Promise<void>; list: (subject: string) => unknown };
  };
  await expect(sessions.revoke("ann")).resolves.toBeUndefined();
  await expect(sessions.list("ann")).rejects.toMatchObject({ code: "ERR_SESSION_USE" });
});
