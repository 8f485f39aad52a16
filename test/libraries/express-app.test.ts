/** The shop of examples/express-app moves over while its users click, as a deployment does it: process by process. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { cpSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { read, requireBuilt, root } from "../setup/project.ts";
import { hasPostgres, somePostgres } from "../support/servers/postgres.ts";
import { Browser } from "./browser.ts";

const folder = join(root, "build/express-app");

beforeAll(() => {
  requireBuilt();
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(root, "examples/express-app"), folder, { recursive: true });
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(root, join(folder, "node_modules/sojourn"));
});

interface Shop {
  readonly url: string;
  /** Ends it as a deployment does: it answers what it has begun. Gives its exit code. */
  readonly stop: () => Promise<number | null>;
}

async function startShop(sessions: string, env: Readonly<Record<string, string>>): Promise<Shop> {
  const packages = ["test/libraries/packages/node_modules", "node_modules"];
  const NODE_PATH = packages.map((each) => join(root, each)).join(delimiter);
  const child: ChildProcess = spawn(process.execPath, ["main.js"], {
    cwd: folder,
    env: { ...process.env, ...env, NODE_PATH, SESSIONS: sessions, PORT: "0" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  if (!child.stdout) throw new Error("no output");
  const lines = createInterface(child.stdout);
  const [line] = (await once(lines, "line")) as [string];
  const [, url = ""] = /^the shop listens on (\S+)$/.exec(line) ?? [];
  const stop = async (): Promise<number | null> => {
    child.kill("SIGTERM");
    const [code] = (await once(child, "exit")) as [number | null];
    return code;
  };
  return { url, stop };
}

/** What a user sees who is signed in, and what must not be seen. */
class User {
  clicks = 0;
  readonly faults: string[] = [];
  readonly #name: string;
  readonly #shop: () => string;
  readonly #browser = new Browser("http://localhost", () => {});
  readonly #cart: string[] = [];

  constructor(name: string, shop: () => string) {
    this.#name = name;
    this.#shop = shop;
  }

  async logIn(): Promise<void> {
    await this.#post("/login", { username: this.#name, password: "open sesame" });
    await this.#see("");
  }

  /** Puts something into the cart, and looks at the page. */
  async click(): Promise<void> {
    const item = `thing ${this.clicks}`;
    const status = await this.#post("/cart", { item });
    if (status !== 302) this.faults.push(`the form was answered by ${status}`);
    this.#cart.push(item);
    await this.#see(`<li>${item} is in the cart.</li>`);
    this.clicks += 1;
  }

  async logOut(): Promise<void> {
    await this.#post("/logout", {});
    const { text } = await this.#browser.get(`${this.#shop()}/`);
    if (text.includes('id="user"')) this.faults.push("a user who has logged out is signed in");
  }

  async #see(message: string): Promise<void> {
    const { status, text } = await this.#browser.get(`${this.#shop()}/`);
    if (status !== 200) this.faults.push(`a page was answered by ${status}`);
    else if (!text.includes(`<b id="user">${this.#name}</b>`)) this.faults.push("signed out");
    const [, messages] = /<ul id="messages">(.*?)<\/ul>/.exec(text) ?? [];
    if (messages !== message) this.faults.push(`the messages are ${messages}`);
    const [, cart] = /<ul id="cart">(.*?)<\/ul>/.exec(text) ?? [];
    const wanted = this.#cart.map((each) => `<li>${each}</li>`).join("");
    if (cart !== wanted) this.faults.push(`the cart is ${cart}`);
  }

  async #post(path: string, form: Readonly<Record<string, string>>): Promise<number> {
    const page = await this.#browser.get(`${this.#shop()}/`);
    const [, token = ""] = /name="_csrf" value="([^"]+)"/.exec(page.text) ?? [];
    const { status } = await this.#browser.post(`${this.#shop()}${path}`, {
      _csrf: token,
      ...form,
    });
    return status;
  }
}

it("the shop's first step to Sojourn changes one line, the import", () => {
  const [before, after] = ["express-session", "sojourn"].map((name) =>
    read(`examples/express-app/sessions/${name}.js`).split("\n").slice(1),
  );
  const changed = (before ?? []).flatMap((line, at) => (line === after?.[at] ? [] : [after?.[at]]));
  expect(after).toHaveLength(before?.length ?? 0);
  expect(changed).toEqual(['const session = require("sojourn/express-session");']);
});

describe.skipIf(!hasPostgres)("the shop with fifty users who are signed in", () => {
  it("no user is signed out and no cart loses a thing while the shop moves over", async () => {
    const server = await somePostgres();
    onTestFinished(() => server.stop());
    const secret = (): string => randomBytes(32).toString("base64url");
    const env = {
      DATABASE_URL: server.url,
      SESSION_SECRET: secret(),
      ADOPT_SECRET: secret(),
      // Fifty users come at once, on a machine that runs other tests: a late answer of the database is no log-out.
      STORE_TIMEOUT: "60",
      ADOPT_UNTIL: new Date(Date.now() + 86_400_000).toISOString(),
    };
    let shops: readonly Shop[] = [];
    let turn = 0;
    // As a load balancer does: each request goes to the next process.
    const next = (): string => shops[turn++ % shops.length]?.url ?? "";
    const users = Array.from({ length: 50 }, (_, at) => new User(`user ${at}`, next));

    const over = new AbortController();
    const all = (act: (user: User) => Promise<void>): Promise<unknown> =>
      Promise.all(users.map(act));
    /** Ends when every user has clicked so many times more. */
    const clicks = async (count: number): Promise<void> => {
      const goals = users.map((user) => user.clicks + count);
      while (users.some((user, at) => user.clicks < (goals[at] ?? 0))) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };

    const before = await startShop("express-session", env);
    shops = [before];
    await all((user) => user.logIn());
    const clicking = all(async (user) => {
      while (!over.signal.aborted) await user.click();
    });
    await clicks(1);

    const after = await startShop("sojourn", env);
    shops = [before, after];
    await clicks(2);
    shops = [after];
    await clicks(1); // Nobody waits for an answer of the old process any more.
    expect(await before.stop()).toBe(0);
    await clicks(1);

    // From here on a user has another cookie, which the processes of before do not know: all go at once.
    const moved = await startShop("table", env);
    shops = [moved];
    await clicks(2);
    expect(await after.stop()).toBe(0);
    await clicks(1);

    over.abort();
    await clicking;
    await all((user) => user.logOut());
    expect(users.flatMap(({ faults }) => faults)).toEqual([]);
    expect(await moved.stop()).toBe(0);
  }, 120_000);
});
