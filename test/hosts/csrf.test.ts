import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import * as http from "node:http";
import type { Server } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { getRequestListener } from "@hono/node-server";
import type { FastifyInstance } from "fastify";
import { toNodeHandler } from "srvx/node";
import ts from "typescript-5.9";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { start } from "../contracts/hosts/world.ts";
import { readPage } from "../setup/markdown.ts";
import { read, root } from "../setup/project.ts";

type IsOurs = (method: string, header: (name: string) => string | null | undefined) => boolean;
type Fetch = (request: Request) => Promise<Response>;

const [check = [], ...applications] = readPage(
  "docs/hosts/csrf.md",
  read("docs/hosts/csrf.md"),
).fences.map(({ code }) => code);
// In the project, where its packages are found.
const folder = join(root, `build/csrf-${process.pid}`);

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  compile("same-origin.mjs", check);
});
afterAll(() => rmSync(folder, { recursive: true }));

function compile(name: string, code: readonly string[], ...more: readonly string[]): string {
  const source = [...code, ...more].join("\n").replace("./same-origin.ts", "./same-origin.mjs");
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  writeFileSync(join(folder, name), outputText);
  return pathToFileURL(join(folder, name)).href;
}

describe("the check that docs/hosts/csrf.md shows", () => {
  test.each<readonly [string, string, Readonly<Record<string, string>>, boolean]>([
    ["a page of ours", "POST", { "sec-fetch-site": "same-origin" }, true],
    ["the user's own hand", "POST", { "sec-fetch-site": "none" }, true],
    ["another site", "POST", { "sec-fetch-site": "cross-site" }, false],
    ["a neighbour", "POST", { "sec-fetch-site": "same-site" }, false],
    ["another site that only reads", "GET", { "sec-fetch-site": "cross-site" }, true],
    ["another site, in small letters", "delete", { "sec-fetch-site": "cross-site" }, false],
    ["a method that nobody knows", "MOVE", { "sec-fetch-site": "cross-site" }, false],
    ["a page of ours in an old browser", "POST", { origin: "https://shop.example" }, true],
    ["another site in an old browser", "POST", { origin: "https://evil.example" }, false],
    ["another port in an old browser", "POST", { origin: "https://shop.example:8443" }, false],
    ["a page that hides its origin", "POST", { origin: "null" }, false],
    ["a client that is no browser", "POST", {}, true],
    [
      "another site that speaks well of itself",
      "POST",
      { "sec-fetch-site": "cross-site", origin: "https://shop.example" },
      false,
    ],
  ])("the check judges %s as the page says", async (_title, method, headers, expected) => {
    const url = pathToFileURL(join(folder, "same-origin.mjs")).href;
    const { isOurs } = (await import(/* @vite-ignore */ url)) as { isOurs: IsOurs };
    const all: Readonly<Record<string, string>> = { host: "shop.example", ...headers };
    expect(isOurs(method, (name) => all[name])).toBe(expected);
  });
});

/** How the application of each host is served; by the package that its code imports first. */
const SERVERS: Readonly<Record<string, (app: never) => Server | Promise<Server>>> = {
  express: (app: http.RequestListener) => http.createServer(app),
  fastify: async (app: FastifyInstance) => {
    await app.ready();
    return app.server;
  },
  koa: (app: { callback(): http.RequestListener }) => http.createServer(app.callback()),
  // The other hosts here need the platform's own Response.
  hono: (app: { fetch: Fetch }) => {
    const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
    return http.createServer((req, res) => void listener(req, res));
  },
  h3: (app: { fetch: Fetch }) => serveFetch(app.fetch),
  "./same-origin.ts": (fetch: Fetch) => serveFetch(fetch),
  "node:http": (server: Server) => server,
};

const serveFetch = (fetch: Fetch): Server =>
  http.createServer(toNodeHandler(fetch) as http.RequestListener);

describe("the application that docs/hosts/csrf.md shows", () => {
  // A block that begins with the name of its file is a module, which a test of its own runs.
  const shown = applications
    .filter((code) => !code[0]?.startsWith("// "))
    .map((code) => [/ from "(.+)"/.exec(code[0] ?? "")?.[1] ?? "", code] as const);

  test("the page shows an application for every host", () => {
    expect(shown.map(([name]) => name)).toEqual(Object.keys(SERVERS));
  });

  test.each(shown)(
    "the application on %s turns other sites' forms away, and no other request",
    async (name, code) => {
      const app = /^export (?:async function|const) (\w+)/m.exec(code.join("\n"))?.[1] ?? "app";
      const file = `${name.replaceAll(/\W/g, "")}.mjs`;
      const url = compile(file, code, `export { ${app} as shown };`);
      const module = (await import(/* @vite-ignore */ url)) as { readonly shown: never };
      const server = await SERVERS[name]?.(module.shown);
      const { browser } = await start(server as Server);
      const status = async (method: string, site: string): Promise<number> => {
        // Without a length Node's client sends a body of no type, which Fastify refuses.
        const headers = { "Sec-Fetch-Site": site, "Content-Length": "0" };
        return (await browser().get("/", { method, headers })).status;
      };
      expect(await status("POST", "cross-site")).toBe(403);
      expect(await status("POST", "same-site")).toBe(403);
      expect(await status("POST", "same-origin")).not.toBe(403);
      expect(await status("GET", "cross-site")).not.toBe(403);
    },
  );
});
