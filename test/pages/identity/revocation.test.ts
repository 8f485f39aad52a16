/** Runs the code of docs/guide/revocation.md as an application that has installed the package. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { beforeAll, expect, it, onTestFinished, vi } from "vitest";
import { requireBuilt, root } from "../../setup/project.ts";
import { writePage } from "../../setup/write-modules.ts";

const folder = join(root, "build/revocation-page");

beforeAll(() => {
  requireBuilt();
  vi.stubEnv("SESSION_SECRET", randomBytes(32).toString("base64url"));
  writePage("docs/guide/revocation.md", folder);
});

interface Device {
  readonly handle: string;
  readonly label: string;
  readonly current: boolean;
}

const PASSWORD = "the old horse";

/** A browser with a session cookie. */
class Visitor {
  readonly #url: string;
  #cookie = "";

  constructor(url: string) {
    this.#url = url;
  }

  async post(path: string, form: Readonly<Record<string, string>> = {}): Promise<void> {
    expect(await this.try(path, form)).toBe(302);
  }

  async try(path: string, form: Readonly<Record<string, string>>): Promise<number> {
    const body = new URLSearchParams(form);
    return (await this.#send(path, { method: "POST", body, redirect: "manual" })).status;
  }

  logIn(user: string, device: string): Promise<void> {
    return this.post("/login", { user, device, password: PASSWORD });
  }

  /** Another browser that has the same cookie. */
  copy(): Visitor {
    const copy = new Visitor(this.#url);
    copy.#cookie = this.#cookie;
    return copy;
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

/** Starts the page's application, in which some users have a password. Gives its address. */
async function start(...users: readonly string[]): Promise<string> {
  const { app } = (await import(/* @vite-ignore */ join(folder, "app.js"))) as {
    app: RequestListener;
  };
  const { setPassword } = (await import(/* @vite-ignore */ join(folder, "users.js"))) as {
    setPassword: (user: string, password: string) => Promise<void>;
  };
  for (const user of users) await setPassword(user, PASSWORD);
  const server = createServer(app);
  onTestFinished(() => void server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it("a user lists the devices, and signs out one of them or all others", async () => {
  const url = await start("ann", "eve");
  const [phone, laptop, desk, eve] = ["phone", "laptop", "desk", "eve"].map(
    () => new Visitor(url),
  ) as [Visitor, Visitor, Visitor, Visitor];
  await phone.logIn("ann", "phone");
  await laptop.logIn("ann", "laptop");
  await desk.logIn("ann", "desk");
  await eve.logIn("eve", "eve's");
  expect(await eve.try("/login", { user: "ann", device: "eve's", password: "a guess" })).toBe(401);

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

it("a password change ends all other sessions, and every log-in with the old password, whenever it comes", async () => {
  const url = await start("bob");
  const mine = new Visitor(url);
  await mine.logIn("bob", "mine");
  const other = new Visitor(url);
  await other.logIn("bob", "other");
  const before = mine.copy();
  // Before, while and after the password is changed: comparing one takes a while.
  const late = Array.from({ length: 8 }, () => new Visitor(url));
  const form = { user: "bob", device: "late", password: PASSWORD };
  const first = late.slice(0, 4).map((each) => each.try("/login", form));
  const wrong = { current: "a guess", password: "the thief's" };
  expect(await before.try("/password", wrong)).toBe(401);
  const change = mine.post("/password", { current: PASSWORD, password: "a new stable" });
  const second = late.slice(4).map((each) => each.try("/login", form));
  await Promise.all([...first, change, ...second]);
  for (const each of [other, ...late]) expect(await each.devices()).toBe("nobody");
  expect(await mine.devices()).toMatchObject([{ label: "mine", current: true }]);
  // What had copied the cookie can still read for a moment, and do nothing.
  await before.post("/devices/sign-out-others").catch(() => {});
  expect(await mine.devices()).toHaveLength(1);
  expect(await other.try("/login", form)).toBe(401);
  expect(await other.try("/login", { ...form, password: "a new stable" })).toBe(302);
});

it("sealed cookies with revocations can be revoked, and refuse a list", async () => {
  const cwd = process.cwd();
  onTestFinished(() => process.chdir(cwd));
  process.chdir(folder); // The page's table is in a folder of the application.
  const { sessions } = (await import(/* @vite-ignore */ join(folder, "sealed.js"))) as {
    sessions: { revoke: (subject: string) => Promise<void>; list: (subject: string) => unknown };
  };
  await expect(sessions.revoke("ann")).resolves.toBeUndefined();
  await expect(sessions.list("ann")).rejects.toMatchObject({ code: "ERR_SESSION_USE" });
});
