/** Runs the code of docs/guide/re-authentication.md as an application that has installed the package. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { beforeAll, expect, it, onTestFinished, vi } from "vitest";
import { requireBuilt, root } from "../../setup/project.ts";
import { writePage } from "../../setup/write-modules.ts";

const folder = join(root, "build/re-authentication-page");
const MINUTE = 60_000;
const PASSWORD = "the old horse";

beforeAll(() => {
  requireBuilt();
  writePage("docs/guide/re-authentication.md", folder);
});

/** Somebody with a session cookie. */
class Visitor {
  readonly #url: string;
  #cookie = "";

  constructor(url: string) {
    this.#url = url;
  }

  async post(path: string, form: Readonly<Record<string, string>> = {}): Promise<string> {
    const body = new URLSearchParams(form);
    const headers = { cookie: this.#cookie };
    const answer = await fetch(this.#url + path, { method: "POST", body, headers });
    for (const each of answer.headers.getSetCookie()) this.#cookie = each.split(";")[0] ?? "";
    return `${answer.status} ${await answer.text()}`;
  }

  /** Another browser that has the same cookie. */
  copy(): Visitor {
    const copy = new Visitor(this.#url);
    copy.#cookie = this.#cookie;
    return copy;
  }
}

/** Starts the page's application, in which ann has a password, with a clock that the test moves. */
async function start(): Promise<{ visitor: Visitor; pass: (milliseconds: number) => void }> {
  let time = Date.UTC(2040, 0, 1);
  const spy = vi.spyOn(Date, "now").mockImplementation(() => time);
  const load = async (file: string): Promise<object> =>
    (await import(/* @vite-ignore */ join(folder, file))) as object;
  const { app } = (await load("app.js")) as { app: RequestListener };
  const { setPassword } = (await load("users.js")) as {
    setPassword: (user: string, password: string) => Promise<void>;
  };
  await setPassword("ann", PASSWORD);
  const server = createServer(app);
  onTestFinished(() => {
    server.close();
    spy.mockRestore();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const pass = (milliseconds: number): void => void (time += milliseconds);
  return { visitor: new Visitor(url), pass };
}

it("a payment needs a password of the last five minutes, to the millisecond, and a confirmation gives it", async () => {
  const { visitor, pass } = await start();
  expect(await visitor.post("/pay")).toBe("403 confirm");
  expect(await visitor.post("/login", { user: "ann", password: PASSWORD })).toBe("200 welcome");
  pass(5 * MINUTE - 1);
  expect(await visitor.post("/pay")).toBe("200 ann has paid");
  pass(1);
  expect(await visitor.post("/pay")).toBe("403 confirm");
  expect(await visitor.post("/confirm", { password: "a guess" })).toBe("401 wrong");
  expect(await visitor.post("/pay")).toBe("403 confirm");
  expect(await visitor.post("/confirm", { password: PASSWORD })).toBe("200 confirmed");
  expect(await visitor.post("/pay")).toBe("200 ann has paid");
});

it("a cookie that was copied before the confirmation pays nothing after it", async () => {
  const { visitor, pass } = await start();
  await visitor.post("/login", { user: "ann", password: PASSWORD });
  const thief = visitor.copy();
  pass(10 * MINUTE);
  await visitor.post("/confirm", { password: PASSWORD });
  expect(await thief.post("/pay")).toBe("403 confirm"); // within the grace it still reads
  pass(10_000);
  expect(await thief.post("/pay")).toBe("403 confirm");
  expect(await thief.post("/confirm", { password: "a guess" })).toBe("401 wrong");
  expect(await visitor.post("/pay")).toBe("200 ann has paid");
});
