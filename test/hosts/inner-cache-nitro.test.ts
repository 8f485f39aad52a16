/** L16: the cached handlers of Nitro 2 and 3, built and run as an application builds and runs them. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { requireBuilt, root } from "../setup/project.ts";
import { runNode } from "../setup/run.ts";
import { CookieJar } from "../support/cookie-jar.ts";
import { Server, freePort, temporaryFolder } from "../support/servers/servers.ts";

interface Nitro {
  /** What builds. */
  readonly builder: string;
  /** Lines that give `handler`, `cached`, and `query` of an event. */
  readonly imports: string;
  /** What runs `begin` of our middleware, and looks. */
  readonly middleware: string;
}

const versions: readonly (readonly [name: string, nitro: Nitro])[] = [
  [
    "Nitro 2",
    {
      builder: "nitropack",
      imports: `const handler = defineEventHandler, cached = defineCachedEventHandler;
        const query = (event, name) => getQuery(event)[name];`,
      middleware: "async (event) => { await begin(event); look(event); }",
    },
  ],
  [
    "Nitro 3",
    {
      builder: "nitro/builder",
      imports: `import { defineHandler as handler } from "nitro";
        import { defineCachedHandler as cached } from "nitro/cache";
        const query = (event, name) => event.url.searchParams.get(name);`,
      middleware: "(event, next) => begin(event, () => { look(event); return next(); })",
    },
  ],
];

/** What each route answers. */
const ROUTES = {
  login: `handler((event) => { event.context.session.put("user", query(event, "u")); return "in"; })`,
  who: `handler((event) => "hello " + event.context.session.get("user"))`,
  // The user is signed in as far as the middleware has seen, and the page is made for everybody.
  cached: `cached((event) => "hello " + event.context.session.get("user"), { maxAge: 60 })`,
  slow: `cached(async (event) => {
    await new Promise((done) => setTimeout(done, 300));
    return "hello " + event.context.session.get("user");
  }, { maxAge: 60, swr: false })`,
  own: `cached((event) => "hello " + event.context.session.get("user"), { maxAge: 60, varies: ["cookie"] })`,
  about: `cached(() => "about " + ++globalThis.abouts, { maxAge: 60 })`,
};

describe.each(versions)("L16: a cached handler of %s", (name, { builder, imports, middleware }) => {
  let url = "";
  let server: Server;

  beforeAll(async () => {
    requireBuilt();
    // Where it finds the packages of test/tools, h3 among them, and not the project's own.
    const folder = join(root, "test/tools/build", name.replace(" ", "-"));
    const files = {
      "sessions.js": `import { createSessions, createTable, tableStore } from "sojourn";
        globalThis.abouts = 0;
        export const sessions = createSessions({ store: tableStore({ table: createTable() }), key: "sid" });`,
      "middleware/session.js": `${imports}
        import { session } from "sojourn/h3";
        import { sessions } from "../sessions";
        const begin = session(sessions);
        const look = (event) => { if (query(event, "above")) event.context.session.get("user"); };
        export default handler(${middleware});`,
      ...Object.fromEntries(
        Object.entries(ROUTES).map(([route, handler]) => [
          `routes/${route}.js`,
          `${imports}\nexport default ${handler};`,
        ]),
      ),
    };
    rmSync(folder, { recursive: true, force: true });
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    }
    const build = join(root, "test/hosts/nitro/build.mjs");
    const { code, stderr } = await runNode([build, builder, folder], { cwd: folder });
    expect(code, stderr).toBe(0);
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const env = { ...process.env, PORT: `${port}`, HOST: "127.0.0.1" };
    server = new Server(process.execPath, [".output/server/index.mjs"], temporaryFolder(), {
      cwd: folder,
      env,
    });
    await server.start(async () => (await fetch(`${url}/who`)).ok);
  }, 120_000);
  afterAll(() => server.kill());

  async function visitor(user?: string): Promise<(path: string) => Promise<string>> {
    const jar = new CookieJar(Date.now);
    const ask = async (path: string): Promise<string> => {
      const headers = jar.header ? { cookie: jar.header } : {};
      const response = await fetch(`${url}${path}`, { headers });
      jar.take(response.headers.getSetCookie());
      return response.text();
    };
    if (user !== undefined) expect(await ask(`/login?u=${user}`)).toBe("in");
    return ask;
  }

  test.each(["/cached", "/slow", "/cached?above=1", "/slow?above=1"])(
    "a page that %s has made for ada is given to nobody else",
    async (path) => {
      const [ada, bob, nobody] = [await visitor("ada"), await visitor("bob"), await visitor()];
      expect(await ada("/who")).toBe("hello ada");
      // At the same time: then one run of the handler may answer all.
      const answers = await Promise.all([ada(path), bob(path), nobody(path)]);
      answers.push(await bob(path), await nobody(path));
      for (const answer of answers.slice(1)) expect(answer).not.toContain("hello ada");
      expect(await ada(path)).not.toContain("hello bob");
    },
  );

  test("a handler that is cached for each cookie may use the session", async () => {
    const [ada, bob] = [await visitor("ada"), await visitor("bob")];
    for (const path of ["/own", "/own?above=1", "/own"]) {
      expect(await ada(path)).toBe("hello ada");
      expect(await bob(path)).toBe("hello bob");
    }
  });

  test("a handler that does not use the session is cached for all", async () => {
    const [ada, nobody] = [await visitor("ada"), await visitor()];
    expect([await ada("/about"), await nobody("/about")]).toEqual(["about 1", "about 1"]);
  });
});
