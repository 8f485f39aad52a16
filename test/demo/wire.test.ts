/** The demo of `npm start`, without a browser: what it refuses, what it sends, how it starts. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startDemo } from "./server.ts";
import type { Demo } from "./server.ts";

type Fields = Readonly<Record<string, string>>;

let demo: Demo;

beforeAll(async () => {
  demo = await startDemo();
});

afterAll(async () => {
  await demo.stop();
});

describe("the demo on the wire", { timeout: 60_000 }, () => {
  it.each([
    ["another site", { "Sec-Fetch-Site": "cross-site" }],
    ["a neighbour of the same site", { "Sec-Fetch-Site": "same-site" }],
    ["another origin, by a browser without Sec-Fetch-Site", { Origin: "http://evil.example" }],
    ["no origin that can be named", { Origin: "null" }],
  ])("the demo refuses a form from %s", async (_from, headers) => {
    const response = await post("/table/count", headers);
    expect(response.status).toBe(403);
    expect(response.headers.getSetCookie()).toEqual([]);
  });

  it.each([
    ["its own page", (): Fields => ({ "Sec-Fetch-Site": "same-origin" })],
    ["its own page, in an older browser", (): Fields => ({ Origin: demo.url })],
    ["a program", (): Fields => ({})],
  ])("the demo takes a form from %s", async (_from, headers) => {
    const response = await post("/table/count", headers());
    expect(response.status).toBe(303);
    expect(sessionCookies(response)).toHaveLength(1);
  });

  it("a GET changes nothing, and gives a visitor who only looks no cookie", async () => {
    for (const path of ["/table", "/table/count", "/sealed", "/sealed/sign-out", "/nowhere"]) {
      const response = await fetch(demo.url + path);
      expect(response.headers.getSetCookie(), path).toEqual([]);
    }
    expect((await fetch(`${demo.url}/table/count`)).status).toBe(404);
  });

  it("the page says so if a browser does not bring its cookie back", async () => {
    const response = await post("/table/count");
    const [session = ""] = sessionCookies(response);
    const all = response.headers.getSetCookie().map((cookie) => cookie.split(";", 1)[0] ?? "");
    const visitor = all.filter((cookie) => cookie !== session).join("; ");
    const warned = async (cookies: string): Promise<boolean> => {
      const page = await fetch(`${demo.url}/table`, { headers: { Cookie: cookies } });
      return (await page.text()).includes("did not bring it back");
    };
    expect(await warned(visitor)).toBe(true);
    expect(await warned(`${visitor}; ${session}`)).toBe(false);
    expect(await warned("")).toBe(false);
  });

  it("the page says why a cookie was refused", async () => {
    const headers = { Cookie: "__Host-demo_table=nonsense" };
    const page = await (await fetch(`${demo.url}/table`, { headers })).text();
    expect(page).toContain("The cookie was refused: malformed.");
  });

  it("every answer forbids scripts, even one whose commit failed", async () => {
    const filled = await fillUp();
    expect(filled.status).toBe(413);
    const others = ["/table", "/nowhere", "/style.css"].map((path) => fetch(demo.url + path));
    for (const response of [filled, ...(await Promise.all(others))]) {
      expect(response.headers.get("Content-Security-Policy")).toMatch(/default-src 'none';/);
      expect(response.headers.get("Content-Security-Policy")).not.toMatch(/script-src|unsafe/);
    }
  });

  it.each([
    ["too large", "name=".padEnd(10_000, "x"), 413],
    ["of a strange charset", undefined, 415],
  ])("the demo answers a body that is %s, and goes on", async (_what, body, status) => {
    const response = await fetch(`${demo.url}/table/sign-in`, {
      method: "POST",
      body: body ?? "name=x",
      headers: {
        "Content-Type": `application/x-www-form-urlencoded${body === undefined ? "; charset=x-none" : ""}`,
      },
    });
    expect(response.status).toBe(status);
    expect((await fetch(`${demo.url}/table`)).status).toBe(200);
  });

  it("the demo starts with the store that SOJOURN_STORE names, and with no other", async () => {
    const env = { SOJOURN_STORE: "table" };
    const { url } = await withDemo(env, (other) => fetch(other.url));
    expect(new URL(url).pathname).toBe("/table");
    await expect(startDemo({ SOJOURN_STORE: "abacus" })).rejects.toThrow(
      /^1: .*abacus.*sealed, table/,
    );
  });

  it("sealed sessions outlive a restart if the demo is given a secret", async () => {
    const env = { SESSION_SECRET: "qT5f0mVx3Lr9Wc7Zb1Nk8Hd2Js6Pg4Ya" };
    const signedIn = await withDemo(env, ({ url }) => post("/sealed/sign-in", {}, "name=Ada", url));
    const headers = { Cookie: sessionCookies(signedIn).join("; ") };
    const greeting = async ({ url }: Demo): Promise<string | undefined> => {
      const page = await (await fetch(`${url}/sealed`, { headers })).text();
      return /Hello, \w+|Nobody is signed in/.exec(page)?.[0];
    };
    expect(await withDemo(env, greeting)).toBe("Hello, Ada");
    expect(await withDemo({}, greeting)).toBe("Nobody is signed in");
  });

  it("cookies have no Secure if the demo is told that the site is plain http", async () => {
    const secure = await post("/table/count");
    const plain = await withDemo({ SESSION_SECURE: "false" }, ({ url }) =>
      post("/table/count", {}, "", url),
    );
    const session = (response: Response): string | undefined =>
      response.headers.getSetCookie().find((each) => each.match(/^(?:__Host-)?demo_table=/));
    expect(session(secure)).toMatch(/; Secure/);
    expect(session(plain)).toMatch(/; HttpOnly; SameSite=Lax$/);
  });
});

/** A second demo, with an environment of its own. */
async function withDemo<T>(env: NodeJS.ProcessEnv, use: (demo: Demo) => Promise<T>): Promise<T> {
  const other = await startDemo(env);
  try {
    return await use(other);
  } finally {
    await other.stop();
  }
}

function post(
  path: string,
  headers: Fields = {},
  body = "",
  url: string = demo.url,
): Promise<Response> {
  const form = { "Content-Type": "application/x-www-form-urlencoded" };
  return fetch(url + path, {
    method: "POST",
    redirect: "manual",
    body,
    headers: { ...form, ...headers },
  });
}

/** Puts more and more into one sealed session, until the answer is an error. */
async function fillUp(cookies: readonly string[] = []): Promise<Response> {
  const response = await post("/sealed/fill", { Cookie: cookies.join("; ") });
  return response.status === 303 ? fillUp(sessionCookies(response)) : response;
}

/** `name=value` of each session cookie that was set. */
function sessionCookies(response: Response): string[] {
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";", 1)[0] ?? "")
    .filter((cookie) => /^__Host-demo_(?:sealed|table)=/.test(cookie));
}
