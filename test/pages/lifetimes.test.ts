/** Runs the code of docs/guide/lifetimes.md as an application that has installed the package. */
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { Sessions } from "../../src/core/types.ts";
import { requireBuilt, root } from "../setup/project.ts";
import { writePage } from "../setup/write-modules.ts";

interface Page {
  readonly sessions: Sessions<{ user_id: string }>;
  readonly bank: Sessions;
  readonly signIn: (request: Request, user: string, rememberMe: boolean) => void;
  /** `sojourn/fetch`. */
  readonly session: typeof import("../../src/adapters/fetch.ts").session;
}

const MINUTE = 60_000;
const folder = join(root, "build/lifetimes-page");
let page: Page;
let time = Date.UTC(2040, 0, 1);

beforeAll(async () => {
  requireBuilt();
  vi.spyOn(Date, "now").mockImplementation(() => time); // The page's code takes the clock that there is.
  writePage("docs/guide/lifetimes.md", folder);
  const load = async (path: string): Promise<object> =>
    (await import(/* @vite-ignore */ path)) as object;
  page = {
    ...(await load(join(folder, "sessions.js"))),
    ...(await load(join(folder, "bank.js"))),
    ...(await load(join(folder, "remember.js"))),
    ...(await load(join(folder, "notice.js"))),
    ...(await load(join(root, "dist/adapters/fetch.js"))),
  } as Page;
});

afterAll(() => {
  vi.restoreAllMocks();
});

function pass(milliseconds: number): void {
  time += milliseconds;
}

/** A request of the application: who is signed in, and the cookie that the browser has afterwards. */
async function ask(
  sessions: Sessions<{ user_id: string }>,
  cookie: string,
  user?: string,
): Promise<{ readonly user: string; readonly cookie: string }> {
  const handler = page.session(sessions, (request) => {
    if (user !== undefined) sessions.putSession(request, "user_id", user);
    return new Response(sessions.getSession(request, "user_id") ?? "nobody");
  });
  const answer = await handler(new Request("http://localhost/", { headers: { cookie } }));
  const [setCookie] = answer.headers.getSetCookie();
  return { user: await answer.text(), cookie: setCookie?.split(";")[0] ?? cookie };
}

it("a session ends at its idle timeout, and never later than its absolute timeout", async () => {
  const idle = await ask(page.sessions, "", "ann");
  pass(60 * MINUTE);
  expect((await ask(page.sessions, idle.cookie)).user).toBe("nobody");

  let { cookie } = await ask(page.sessions, "", "ann");
  for (let half = 1; half < 24; half++) {
    pass(30 * MINUTE);
    const answer = await ask(page.sessions, cookie);
    expect(answer.user).toBe("ann");
    ({ cookie } = answer);
  }
  pass(30 * MINUTE);
  expect((await ask(page.sessions, cookie)).user).toBe("nobody");
});

it("the preset AAL3 has the timeouts that the page names", async () => {
  const bank = page.bank as Sessions<{ user_id: string }>;
  const { cookie } = await ask(bank, "", "ann");
  pass(15 * MINUTE - 1);
  expect((await ask(bank, cookie)).user).toBe("ann");
  pass(15 * MINUTE - 1);
  expect((await ask(bank, cookie)).user).toBe("ann");
  pass(15 * MINUTE);
  expect((await ask(bank, cookie)).user).toBe("nobody");
});

it("a stolen copy works for the grace after the browser's second look, and its later use is reported", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const stolen = (await ask(page.sessions, "", "ann")).cookie;
  pass(15 * MINUTE);
  const browser = await ask(page.sessions, stolen); // the first look
  expect(browser.cookie).not.toBe(stolen);
  pass(30 * MINUTE);
  expect((await ask(page.sessions, stolen)).user).toBe("ann");
  await ask(page.sessions, browser.cookie); // the second
  pass(10_000 - 1);
  expect((await ask(page.sessions, stolen)).user).toBe("ann");
  expect(warn).not.toHaveBeenCalled();
  pass(1);
  expect((await ask(page.sessions, stolen)).user).toBe("nobody");
  expect((await ask(page.sessions, browser.cookie)).user).toBe("ann");
  expect(warn.mock.calls).toEqual([
    [expect.stringMatching(/^an old token of the session [\w-]{22} was used$/)],
  ]);
  warn.mockRestore();
});

it("the use of an old token is also reported if the thief was first and the browser is left behind", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const own = (await ask(page.sessions, "", "ann")).cookie;
  pass(15 * MINUTE);
  const thief = await ask(page.sessions, own);
  await ask(page.sessions, thief.cookie);
  pass(10_000);
  expect((await ask(page.sessions, own)).user).toBe("nobody");
  expect((await ask(page.sessions, thief.cookie)).user).toBe("ann");
  expect(warn).toHaveBeenCalledTimes(1);
  warn.mockRestore();
});

it("a thief who takes every new token and presents none is reported from the fourth round on", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const stolen = (await ask(page.sessions, "", "ann")).cookie;
  pass(15 * MINUTE);
  for (let round = 1; round <= 4; round++) {
    expect(warn).not.toHaveBeenCalled();
    for (let n = 0; n < 8; n++) await ask(page.sessions, stolen);
    expect((await ask(page.sessions, stolen)).cookie).toBe(stolen); // nothing is left for the browser
    pass(10_000);
  }
  expect(warn.mock.calls).toEqual([
    [expect.stringMatching(/^nobody uses the new tokens of the session [\w-]{22}$/)],
  ]);
  warn.mockRestore();
});

it("a token that nobody ever had is no sign of a theft, and is not reported", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const { cookie } = await ask(page.sessions, "", "ann");
  const [name = "", token = ""] = cookie.split("=");
  const handle = Buffer.from(token, "base64url").subarray(0, 16);
  const guess = Buffer.concat([handle, Buffer.alloc(32, 7)]).toString("base64url");
  expect((await ask(page.sessions, `${name}=${guess}`)).user).toBe("nobody");
  expect(warn).not.toHaveBeenCalled();
  warn.mockRestore();
});

it("a remembered user stays signed in when the idle timeout of the options has passed, and others do not", async () => {
  const begin = async (
    rememberMe: boolean,
  ): Promise<readonly [setCookie: string, cookie: string]> => {
    const handler = page.session(page.sessions, (request) => {
      page.signIn(request, "ann", rememberMe);
      return new Response();
    });
    const [setCookie = ""] = (
      await handler(new Request("http://localhost/"))
    ).headers.getSetCookie();
    return [setCookie, setCookie.split(";")[0] ?? ""];
  };
  const [remembered, kept] = await begin(true);
  const [other, lost] = await begin(false);
  expect(remembered).toContain(`Max-Age=${90 * 24 * 60 * 60};`);
  expect(other).not.toContain("Max-Age");
  pass(20 * 24 * 60 * MINUTE);
  expect((await ask(page.sessions, kept)).user).toBe("ann");
  expect((await ask(page.sessions, lost)).user).toBe("nobody");
});
