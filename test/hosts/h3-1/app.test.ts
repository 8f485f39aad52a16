/** L14: h3 1 without a socket commits what its handlers write, if the middleware is given the application. */
import { createServer } from "node:http";
import { Readable } from "node:stream";
import {
  createApp,
  createError,
  createRouter,
  eventHandler,
  fetchWithEvent,
  sendNoContent,
  sendRedirect,
  sendStream,
  toNodeListener,
  toPlainHandler,
  toWebHandler,
} from "h3-1";
import type { App, H3Event } from "h3-1";
import { fetchNodeRequestHandler } from "node-mock-http";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { session } from "../../../src/adapters/h3.ts";
import { createSessions } from "../../../src/core/sessions.ts";
import type { SessionOptions } from "../../../src/core/options/session-options.ts";
import { storeKinds } from "../../contracts/hosts/stores.ts";
import { freshKey, start } from "../../contracts/hosts/world.ts";
import type { Data } from "../../contracts/hosts/world.ts";
import { CookieJar } from "../../support/cookie-jar.ts";

// h3 prints each error that it did not expect.
beforeEach(() => void vi.spyOn(console, "error").mockImplementation(() => {}));

const KEPT = new Response(null, { status: 202, headers: { "X-Kept": "1" } });

const webStream = (): ReadableStream =>
  new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode("hello"));
      controller.close();
    },
  });

/** What a handler may answer, the status, and the body that the client gets. */
const answers: readonly (readonly [
  string,
  (event: H3Event) => unknown,
  number,
  string | RegExp,
])[] = [
  ["a text", () => "hello", 200, "hello"],
  ["a value", () => ({ hello: 1 }), 200, /"hello": ?1/],
  ["a promise", async () => "hello", 200, "hello"],
  ["nothing", () => null, 204, ""],
  ["sendNoContent", (event) => sendNoContent(event, 204), 204, ""],
  ["a redirect", (event) => sendRedirect(event, "/next"), 302, /next/],
  ["a Response", () => new Response("hello"), 200, "hello"],
  ["a Response that the application keeps", () => KEPT, 202, ""],
  [
    "a Response with cookies",
    () => new Response("hello", { headers: { "Set-Cookie": "a=1" } }),
    200,
    "hello",
  ],
  ["a Response of a redirect", () => Response.redirect("http://localhost/next", 302), 302, ""],
  ["respondWith", (event) => event.respondWith(new Response("hello")), 200, "hello"],
  ["a stream of the platform", () => webStream(), 200, "hello"],
  ["a Response with a stream", () => new Response(webStream()), 200, "hello"],
  ["sendStream", (event) => sendStream(event, webStream()), 200, "hello"],
  ["Node's response", (event) => void event.node.res.end("hello"), 200, "hello"],
  [
    "a head and pieces",
    (event) => {
      event.node.res.writeHead(201, { "X-Own": "1" });
      event.node.res.write("hel");
      event.node.res.end("lo");
    },
    201,
    "hello",
  ],
  [
    "an error",
    () => {
      throw createError({ statusCode: 418, statusMessage: "teapot" });
    },
    418,
    /teapot/,
  ],
];

type Ask = (path: string, cookie: string) => Promise<Response>;

/** The ways in which an application without a socket is asked. */
const ways: readonly (readonly [string, (app: App) => Ask])[] = [
  [
    "toWebHandler",
    (app) => {
      const handler = toWebHandler(app);
      return (path, cookie) =>
        handler(new Request(`https://shop.example${path}`, { headers: { cookie } }));
    },
  ],
  [
    "toPlainHandler",
    (app) => {
      const handler = toPlainHandler(app);
      return async (path, cookie) => {
        const { status, headers, body } = await handler({
          method: "GET",
          path,
          headers: { cookie },
        });
        const hasBody = status !== 204 && status !== 304;
        return new Response(hasBody ? (body as string) : null, {
          status,
          headers,
        });
      };
    },
  ],
  [
    "toNodeListener on an imitation, as in the presets of Nitro 2",
    (app) => {
      const listener = toNodeListener(app);
      return (path, cookie) => fetchNodeRequestHandler(listener, path, { headers: { cookie } });
    },
  ],
];

describe.each(storeKinds)("L14: h3 1 with app, with $name", (kind) => {
  function open(
    makeAsk: (app: App) => Ask,
    routes: (
      sessions: ReturnType<typeof createSessions<Data>>,
    ) => Readonly<Record<string, (event: H3Event) => unknown>>,
    options: Partial<SessionOptions<Data>> = {},
  ) {
    const { store, table, calls } = kind.open();
    const key = freshKey();
    const errors: unknown[] = [];
    const sessions = createSessions<Data>({ store, key, ...options });
    const app = createApp({ onError: (error) => void errors.push(error.cause) });
    app.use(session(sessions, { app }));
    const router = createRouter();
    const all = { "/read": (event: H3Event) => sessions.getSession(event), ...routes(sessions) };
    for (const [path, handler] of Object.entries(all)) router.get(path, eventHandler(handler));
    app.use(router);
    const ask = makeAsk(app);
    const browser = () => {
      const jar = new CookieJar(Date.now);
      return async (path: string) => {
        const response = await ask(path, jar.header ?? "");
        jar.take(response.headers.getSetCookie());
        return { status: response.status, headers: response.headers, body: await response.text() };
      };
    };
    return { app, browser, calls, errors, key, sessions, table };
  }

  describe.each(ways)("%s", (_way, makeAsk) => {
    test.each(answers)(
      "%s leaves whole, and the session is kept",
      async (_what, answer, status, body) => {
        const { browser, key } = open(makeAsk, (sessions) => ({
          "/put": (event) => {
            sessions.putSession(event, "user", "ada");
            return answer(event);
          },
          "/look": (event) => {
            sessions.getSession(event, "user");
            return answer(event);
          },
          "/drop": (event) => {
            sessions.dropSession(event);
            return answer(event);
          },
        }));
        const visit = browser();
        const put = await visit("/put");
        expect([put.status, put.body]).toEqual([
          status,
          typeof body === "string" ? body : expect.stringMatching(body),
        ]);
        const ours = put.headers.getSetCookie().filter((each) => each.startsWith(`${key}=`));
        expect(ours).toHaveLength(1);
        expect(put.headers.get("cache-control")).toBe("no-store");
        expect(JSON.parse((await visit("/read")).body)).toEqual({ user: "ada" });
        const look = await visit("/look");
        expect(look.status).toBe(status);
        expect(look.headers.get("cache-control")).toBe("private, no-cache");
        expect(look.headers.get("vary")).toBe("Cookie");
        expect((await visit("/drop")).status).toBe(status);
        expect((await visit("/read")).body).toBe("{}");
        expect(KEPT.headers.has("set-cookie")).toBe(false);
      },
    );

    test.runIf(kind.table !== "none").each(answers)(
      "%s is dropped if the commit fails, and the error takes the application's own path",
      async (_what, answer) => {
        const { browser, errors, table } = open(makeAsk, (sessions) => ({
          "/put": (event) => {
            sessions.putSession(event, "user", "ada");
            event.node.res.setHeader("X-Handler", "1");
            return answer(event);
          },
        }));
        if (table) table.writes = "failing";
        const { status, body, headers } = await browser()("/put");
        expect(headers.getSetCookie().filter((each) => !each.startsWith("a="))).toEqual([]);
        if (status === 418) return; // The handler's own error is the one to mend.
        expect(status).toBe(500);
        expect(body).not.toContain("hello");
        expect(headers.get("x-handler")).toBeNull();
        expect(headers.getSetCookie()).toEqual([]);
        expect(errors).toMatchObject([{ code: "ERR_SESSION_STORE" }]);
      },
    );

    test("nobody's request that does not look gets nothing of ours", async () => {
      const { browser, calls } = open(makeAsk, () => ({ "/": () => "hello" }));
      const { headers, body } = await browser()("/");
      expect([body, headers.get("vary"), headers.getSetCookie()]).toEqual(["hello", null, []]);
      expect(calls.all).toBe(0);
    });

    test("a write after the answer is ERR_SESSION_COMMITTED", async () => {
      let late: unknown;
      const { browser } = open(makeAsk, (sessions) => ({
        "/": (event) => {
          setImmediate(() => {
            setImmediate(() => {
              try {
                sessions.putSession(event, "n", 1);
              } catch (error) {
                late = error;
              }
            });
          });
          return `hello ${sessions.getSession(event, "user")}`;
        },
      }));
      expect((await browser()("/")).body).toBe("hello undefined");
      for (let turn = 0; turn < 5; turn += 1) await new Promise((done) => setImmediate(done));
      expect(late).toMatchObject({ code: "ERR_SESSION_COMMITTED" });
    });
  });

  test("the same application on a real socket commits as ever", async () => {
    const { app, sessions } = open(
      () => () => Promise.reject(new Error("asked over a socket")),
      (own) => ({
        "/put": (event) => {
          own.putSession(event, "user", "ada");
          return Readable.from(["hel", "lo"]);
        },
      }),
      { secure: false },
    );
    const { browser } = await start(createServer(toNodeListener(app)));
    const visitor = browser();
    expect((await visitor.get("/put")).body).toBe("hello");
    expect((await visitor.get("/read")).body).toContain("ada");
    expect(sessions).toBeDefined();
  });

  describe("a request that the application makes to itself", () => {
    /** A page that asks the application's own API, as `event.$fetch` and `useFetch` of Nuxt do. */
    function page(socket: boolean) {
      let app: App | undefined;
      const opened = open(
        (made) => {
          app = made;
          return ways[0]?.[1](made) ?? expect.fail();
        },
        (sessions) => {
          const localFetch: typeof fetch = (url, init) =>
            fetchNodeRequestHandler(toNodeListener(app ?? expect.fail()), url as string, init);
          const local = (event: H3Event, path: string, init = {}): Promise<Response> =>
            fetchWithEvent<Promise<Response>>(event, path, init, { fetch: localFetch });
          return {
            "/login": (event) => {
              sessions.renewSession(event);
              sessions.putSession(event, "user", "ada");
              return "in";
            },
            "/visit": (event) => {
              sessions.updateSession(event, "n", (n = 0) => n + 1);
              return { n: sessions.getSession(event, "n") };
            },
            "/logout": (event) => {
              sessions.dropSession(event);
              return "out";
            },
            "/page": async (event) => {
              sessions.putSession(event, "text", "page");
              const [first, second] = [await local(event, "/visit"), await local(event, "/visit")];
              return [await first.json(), await second.json(), first.headers.getSetCookie()];
            },
            "/page-login": async (event) => (await local(event, "/login")).text(),
            "/page-logout": async (event) => (await local(event, "/logout")).text(),
            "/stranger": async (event) => {
              const headers = { cookie: "other=1" };
              const answer = await local(event, "/visit", { headers, context: {} });
              return `${answer.status} ${answer.headers.getSetCookie().length}`;
            },
          };
        },
        { secure: false },
      );
      return { ...opened, socket };
    }

    async function visitorOf(opened: ReturnType<typeof page>) {
      if (!opened.socket) return opened.browser();
      const { browser } = await start(createServer(toNodeListener(opened.app)));
      const visitor = browser();
      return async (path: string) => {
        const { body, cookies, status } = await visitor.get(path);
        return { body, status, cookies };
      };
    }

    test.each([false, true])(
      "shares the session of the page, also on the first visit (socket: %s)",
      async (socket) => {
        const visit = await visitorOf(page(socket));
        expect(JSON.parse((await visit("/page")).body)).toEqual([{ n: 1 }, { n: 2 }, []]);
        expect(JSON.parse((await visit("/read")).body)).toEqual({ text: "page", n: 2 });
        expect(JSON.parse((await visit("/page")).body)).toEqual([{ n: 3 }, { n: 4 }, []]);
        expect(JSON.parse((await visit("/read")).body)).toEqual({ text: "page", n: 4 });
      },
    );

    test.each([false, true])("logs in and out for the page (socket: %s)", async (socket) => {
      const visit = await visitorOf(page(socket));
      await visit("/page");
      expect((await visit("/page-login")).body).toBe("in");
      expect(JSON.parse((await visit("/read")).body)).toMatchObject({ user: "ada" });
      expect((await visit("/page-logout")).body).toBe("out");
      expect((await visit("/read")).body).toBe("{}");
    });

    test.each([false, true])(
      "with other cookies gets no session of the page, and cannot write (socket: %s)",
      async (socket) => {
        const { errors, ...opened } = page(socket);
        const visit = await visitorOf({ errors, ...opened });
        await visit("/page");
        expect((await visit("/stranger")).body).toBe("500 0");
        expect(errors).toMatchObject([{ code: "ERR_SESSION_COMMITTED" }]);
        expect(JSON.parse((await visit("/read")).body)).toEqual({ text: "page", n: 2 });
      },
    );
  });

  test("what is no application of h3 1 is refused", () => {
    const { sessions } = open(ways[0]?.[1] ?? expect.fail(), () => ({}));
    for (const app of [{}, null, "app"]) {
      if (app) {
        expect(() => session(sessions, { app: app as never })).toThrow(
          /app must be an application of h3 1/,
        );
      }
    }
  });
});
