/** L14: Nitro 2, built for a platform that calls a function, and for Node with requests that a page makes to itself. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { requireBuilt, root } from "../../setup/project.ts";
import { runNode } from "../../setup/run.ts";
import { freePort } from "../../support/servers/servers.ts";

const FILES = {
  "sessions.js": `import { createSessions, createTable, tableStore } from "sojourn";
    const table = createTable();
    const later = (name) => async (...args) => {
      await new Promise((done) => setTimeout(done, 2));
      return table[name](...args);
    };
    const methods = ["get", "insert", "replace", "touch", "delete"];
    const laterTable = Object.fromEntries(methods.map((name) => [name, later(name)]));
    export const sessions = createSessions({ store: tableStore({ table: laterTable }), key: "sid" });`,
  "plugins/session.js": `import { session } from "sojourn/h3";
    import { sessions } from "../sessions";
    export default defineNitroPlugin(({ h3App, hooks }) => {
      hooks.hook("request", session(sessions, { app: h3App }));
    });`,
  "routes/text.js": put(`"hello"`),
  "routes/json.js": put(`({ hello: 1 })`),
  "routes/response.js": put(`new Response("hello")`),
  "routes/stream.js": put(`new Response("hello").body`),
  "routes/redirect.js": put(`sendRedirect(event, "/read")`),
  "routes/error.js": put(
    `(() => { throw createError({ statusCode: 418, message: "teapot" }); })()`,
  ),
  "routes/read.js": `import { sessions } from "../sessions";
    export default defineEventHandler((event) => ({ data: sessions.getSession(event) }));`,
  "routes/visit.js": `import { sessions } from "../sessions";
    export default defineEventHandler((event) => {
      sessions.updateSession(event, "n", (n = 0) => n + 1);
      return { n: sessions.getSession(event, "n") };
    });`,
  "routes/page.js": `import { sessions } from "../sessions";
    export default defineEventHandler(async (event) => {
      sessions.putSession(event, "page", true);
      return [await event.$fetch("/visit"), await event.$fetch("/visit")];
    });`,
};

function put(answer: string): string {
  return `import { sessions } from "../sessions";
    export default defineEventHandler((event) => {
      sessions.putSession(event, "user", "ada");
      return ${answer};
    });`;
}

const PATHS = ["/text", "/json", "/response", "/stream", "/redirect", "/error"];

/** Asks the built application, and prints what each client of its own got for a path and then for /read. */
const ASK = `
const [, , preset, port, ...paths] = process.argv;
Object.assign(process.env, { PORT: port, HOST: "127.0.0.1" });
const ask = async (path, cookie) => {
  if (preset === "node-server") {
    const url = "http://127.0.0.1:" + port + path;
    const answer = await fetch(url, { headers: cookie ? { cookie } : {}, redirect: "manual" });
    return { status: answer.status, body: await answer.text(), cookies: answer.headers.getSetCookie() };
  }
  const { handler } = await import("./.output/server/index.mjs");
  const answer = await handler({
    version: "2.0", rawPath: path, rawQueryString: "", headers: { host: "shop.example" },
    cookies: cookie ? [cookie] : undefined,
    requestContext: { http: { method: "GET", path } }, isBase64Encoded: false,
  }, {});
  const body = answer.isBase64Encoded ? Buffer.from(answer.body, "base64").toString() : answer.body;
  return { status: answer.statusCode, body, cookies: answer.cookies ?? [] };
};
const results = {};
if (preset === "node-server") {
  await import("./.output/server/index.mjs");
  const up = () => ask("/read").then(() => true, () => false);
  while (!(await up())) await new Promise((done) => setTimeout(done, 20));
}
for (const path of paths) {
  const first = await ask(path);
  const cookie = first.cookies.find((each) => each.startsWith("sid="))?.split(";")[0];
  const again = await ask(path, cookie);
  results[path] = { ...first, cookies: first.cookies.length, again: again.body, read: (await ask("/read", cookie)).body };
}
console.log("RESULTS" + JSON.stringify(results));
process.exit();
`;

interface Result {
  readonly status: number;
  readonly body: string;
  readonly cookies: number;
  readonly again: string;
  readonly read: string;
}

describe.each(["aws-lambda", "node-server"])("L14: Nitro 2 with the preset %s", (preset) => {
  let results: Readonly<Record<string, Result>> = {};

  beforeAll(async () => {
    requireBuilt();
    const folder = join(root, "test/tools/build", `h3-1-${preset}`);
    rmSync(folder, { recursive: true, force: true });
    for (const [file, text] of Object.entries({ ...FILES, "ask.mjs": ASK })) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    }
    const build = join(root, "test/hosts/nitro/build.mjs");
    const built = await runNode([build, "nitropack", folder, preset], { cwd: folder });
    expect(built.code, built.stderr).toBe(0);
    const ask = ["ask.mjs", preset, String(await freePort()), ...PATHS, "/page"];
    const asked = await runNode(ask, { cwd: folder });
    const [, text] = asked.stdout.split("RESULTS");
    expect(text, asked.stderr).toBeDefined();
    results = JSON.parse(text ?? "") as typeof results;
  }, 120_000);

  test.each(PATHS)(
    "the answer of %s leaves whole with its cookie, and the session is kept",
    (path) => {
      const { status, body, cookies, read } = results[path] ?? expect.fail();
      expect(cookies).toBe(1);
      expect(JSON.parse(read)).toEqual({ data: { user: "ada" } });
      if (path === "/error")
        expect([status, body]).toEqual([418, expect.stringContaining("teapot")]);
      else if (path === "/redirect") expect(status).toBe(302);
      else expect([status, body]).toEqual([200, expect.stringContaining("hello")]);
    },
  );

  test("a page shares its session with the requests that it makes to itself, also on the first visit", () => {
    const { body, cookies, again, read } = results["/page"] ?? expect.fail();
    expect(JSON.parse(body)).toEqual([{ n: 1 }, { n: 2 }]);
    expect(cookies).toBe(1);
    expect(JSON.parse(again)).toEqual([{ n: 3 }, { n: 4 }]);
    expect(JSON.parse(read)).toEqual({ data: { page: true, n: 4 } });
  });
});
