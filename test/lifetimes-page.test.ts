/** The code of docs/lifetimes.md is run, as an application would that has the package. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import type { Sessions } from "../src/core/types.ts";
import { chaptersOf, readPage } from "./setup/markdown.ts";
import { read, requireBuilt, root } from "./setup/project.ts";
import { writeModules } from "./setup/write-modules.ts";

interface Token {
  access: string;
  refresh: string;
  expires_at: number;
  claimed_until?: number;
}
type Refresh = (token: Token) => Promise<Token>;
interface Page {
  readonly sessions: Sessions<{ user_id: string; token: Token }>;
  readonly freshToken: (cookie: string, refresh: Refresh) => Promise<Token | undefined>;
  readonly cookieFor: (sessions: unknown, data: object) => Promise<string>;
}

const folder = join(root, "build/lifetimes-page");
let page: Page;

beforeAll(async () => {
  requireBuilt();
  rmSync(folder, { recursive: true, force: true });
  const chapters = chaptersOf(readPage("docs/lifetimes.md", read("docs/lifetimes.md")));
  writeModules(
    folder,
    chapters.flatMap(({ modules }) => modules),
  );
  const load = async (path: string): Promise<object> =>
    (await import(/* @vite-ignore */ path)) as object;
  page = {
    ...(await load(join(folder, "sessions.js"))),
    ...(await load(join(folder, "tokens.js"))),
    ...(await load(join(root, "dist/testing/index.js"))),
  } as Page;
});

/** A browser that is signed in, with a token that has run out. */
function signIn(): Promise<string> {
  const token = { access: "a0", refresh: "r0", expires_at: 0 };
  return page.cookieFor(page.sessions, { user_id: "ann", token });
}

it("refreshes a token once among parallel requests, and gives it to all of them", async () => {
  const cookie = await signIn();
  let refreshed = 0;
  const refresh: Refresh = async ({ refresh: used }) => {
    refreshed++;
    await new Promise((resolve) => setImmediate(resolve));
    return { access: `after ${used}`, refresh: "r1", expires_at: Date.now() + 60_000 };
  };
  const tokens = await Promise.all(
    Array.from({ length: 20 }, () => page.freshToken(cookie, refresh)),
  );
  expect(refreshed).toBe(1);
  expect(new Set(tokens.map((token) => token?.access))).toEqual(new Set(["after r0"]));
});

it("keeps a task claimed whose refresh has failed, so that others do not use the same refresh token at once", async () => {
  const cookie = await signIn();
  const failing = page.freshToken(cookie, () => Promise.reject(new Error("the provider is down")));
  await expect(failing).rejects.toThrow("the provider is down");
  const { token } = (await page.sessions.read({ cookie })).get();
  expect(token?.claimed_until).toBeGreaterThan(Date.now());
});
