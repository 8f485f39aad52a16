import * as http from "node:http";
import { H3, HTTPError, fromNodeHandler, onError, toNodeHandler } from "h3";
import * as h31 from "h3-1";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { session } from "../../src/adapters/h3.ts";
import type { Sessions } from "../../src/core/types.ts";
import { newSessions } from "../contracts/hosts/sessions.ts";
import { storeKinds } from "../contracts/hosts/stores.ts";
import { codeOf, start, thrownBy } from "../contracts/hosts/world.ts";
import type { Data, Served } from "../contracts/hosts/world.ts";

const serve = (app: H3): Promise<Served> => start(http.createServer(toNodeHandler(app)));
const serve1 = (app: h31.App): Promise<Served> => start(http.createServer(h31.toNodeListener(app)));

function reports(): readonly unknown[] {
  const reported: unknown[] = [];
  const spy = vi
    .spyOn(console, "error")
    .mockImplementation((...all) => void reported.push(all.at(-1)));
  onTestFinished(() => spy.mockRestore());
  return reported;
}

describe("h3 2", () => {
  test("event.context.session is the session, and an assignment to it, or to a name of it, throws", async () => {
    const sessions = newSessions();
    const app = new H3()
      .use(session(sessions))
      .get("/", (event) => [
        event.context["session"] === sessions.of(event),
        thrownBy(() => Object.assign(event.context, { session: null })),
        thrownBy(() => Object.assign(event.context["session"] as object, { user_id: "s1" })),
      ]);
    const answer = await (await serve(app)).browser().get("/");
    expect(JSON.parse(answer.body)).toEqual([true, "ERR_SESSION_USE", "ERR_SESSION_USE"]);
    expect(answer.cookies).toEqual([]);
  });

  test("the helpers take event.req as well", async () => {
    const sessions = newSessions();
    const app = new H3().use(session(sessions));
    app.get("/", (event) => {
      sessions.putSession(event.req, "user", "ada");
      return sessions.getSession(event, "user");
    });
    expect(await (await serve(app)).browser().get("/")).toMatchObject({
      body: "ada",
      cookies: { length: 1 },
    });
  });

  /** What each kind of answer becomes, with h3's own server for Node and on any other runtime. */
  describe.each(["on Node", "elsewhere"])("h3 %s", (where) => {
    interface Got {
      readonly status: number;
      readonly cookies: readonly string[];
      readonly header: (name: string) => string | null;
    }

    async function get(app: H3): Promise<Got> {
      if (where === "elsewhere") {
        const { status, headers } = await app.fetch(new Request("https://shop.example/"));
        return { status, cookies: headers.getSetCookie(), header: (name) => headers.get(name) };
      }
      const { status, cookies, headers } = await (await serve(app)).browser().get("/");
      return { status, cookies, header: (name) => (headers[name] as string | undefined) ?? null };
    }

    function answering(answer: (sessions: Sessions<Data>) => unknown, config = {}): H3 {
      const sessions = newSessions();
      const app = new H3({ silent: true, ...config }).use(session(sessions));
      return app.get("/", (event) => {
        sessions.putSession(event, "user", "ada");
        return answer(sessions);
      });
    }

    test.each<readonly [string, () => unknown, number]>([
      ["a text", () => "text", 200],
      ["an object", () => ({ a: 1 }), 200],
      ["nothing", () => null, 200],
      ["a Response", () => new Response("ok", { status: 201 }), 201],
      ["a Response that is an error", () => new Response("no", { status: 422 }), 422],
      [
        "a Response that cannot be changed",
        () => Response.redirect("https://a.example/", 302),
        302,
      ],
      ["an error that is returned", () => new HTTPError({ status: 409 }), 409],
      [
        "an error that is thrown",
        () => {
          throw new HTTPError({ status: 403 });
        },
        403,
      ],
    ])("%s carries the cookie", async (_title, answer, status) => {
      const got = await get(answering(answer));
      expect(got.status).toBe(status);
      expect(got.cookies).toHaveLength(1);
      expect([got.header("cache-control"), got.header("vary")]).toEqual(["no-store", "Cookie"]);
    });

    test("a Response keeps its own cookies and its Vary", async () => {
      const headers = { "Set-Cookie": "mine=1", Vary: "Accept" };
      const got = await get(answering(() => new Response("ok", { headers })));
      expect(got.cookies).toHaveLength(2);
      expect(got.header("vary")).toBe("Accept, Cookie");
    });

    test("the answer of the application's onError carries the cookie, whether it is a value or from a middleware", async () => {
      const boom = (): never => {
        throw new Error("boom");
      };
      expect((await get(answering(boom, { onError: () => "a value" }))).cookies).toHaveLength(1);
      const sessions = newSessions();
      const app = new H3({ silent: true }).use(session(sessions));
      app.use(onError(() => new Response("a response", { status: 500 })));
      app.get("/", (event) => {
        sessions.putSession(event, "user", "ada");
        return boom();
      });
      expect((await get(app)).cookies).toHaveLength(1);
    });

    test("a Response of the application's onError gets no header of the event from h3, and so no cookie", async () => {
      // The page says so. When this fails, h3 has mended it.
      const app = answering(
        () => {
          throw new Error("boom");
        },
        { onError: () => new Response("a response", { status: 500 }) },
      );
      expect((await get(app)).cookies).toHaveLength(0);
    });
  });

  test("an answer that a Node handler writes past h3 carries the cookie", async () => {
    const sessions = newSessions();
    const app = new H3().use(session(sessions));
    app.get(
      "/",
      fromNodeHandler((req, res) => {
        void req;
        res.writeHead(201, { "Set-Cookie": "mine=1" });
        res.end("raw");
      }),
    );
    app.use((event, next) => {
      sessions.putSession(event, "user", "ada");
      return next();
    });
    const answer = await (await serve(app)).browser().get("/");
    expect(answer).toMatchObject({ status: 201, body: "raw", cookies: { length: 2 } });
  });

  describe.each(storeKinds)("h3 2 with $name", (kind) => {
    function failing() {
      const { store, table } = kind.open();
      if (table) table.writes = "failing";
      const sessions = newSessions(store);
      const text = table ? "x" : "x".repeat(5000);
      return {
        sessions,
        put: (event: object) => sessions.putSession(event as never, "text", text),
      };
    }
    const code = kind.table === "none" ? "ERR_SESSION_COOKIE_OVERFLOW" : "ERR_SESSION_STORE";

    test("a failed commit takes h3's error path once, without what the handler prepared", async () => {
      const { sessions, put } = failing();
      const told: string[] = [];
      const app = new H3({
        silent: true,
        onError(error) {
          told.push(codeOf(error.cause));
          return "the error page";
        },
      });
      app.use((event) => {
        event.res.headers.set("Access-Control-Allow-Origin", "*");
      });
      app.use(session(sessions)).get("/", (event) => {
        put(event);
        event.res.status = 201;
        event.res.headers.set("X-Handler", "1");
        return "the handler's";
      });
      const answer = await (await serve(app)).browser().get("/");
      expect(answer).toMatchObject({ body: "the error page", cookies: [] });
      expect(answer.status).not.toBe(201);
      expect(answer.headers).toMatchObject({ "access-control-allow-origin": "*" });
      expect(answer.headers).not.toHaveProperty("x-handler");
      expect(told).toEqual([code]);
    });

    test("the handler's error is told, and not that the commit after it failed as well", async () => {
      const { sessions, put } = failing();
      const told: string[] = [];
      const app = new H3({ silent: true, onError: (error) => void told.push(codeOf(error.cause)) });
      app.use(session(sessions)).get("/", (event) => {
        put(event);
        throw new Error("boom");
      });
      expect(await (await serve(app)).browser().get("/")).toMatchObject({
        status: 500,
        cookies: [],
      });
      expect(told).toEqual(["boom"]);
    });

    test("a failed commit below a Node handler is told to onError of the middleware", async () => {
      const { sessions, put } = failing();
      const told: string[] = [];
      const app = new H3().use(
        session(sessions, {
          onError(error, event) {
            told.push(codeOf(error));
            if (!("node" in event) || !event.node?.res) return;
            event.node.res.statusCode = 503;
            event.node.res.end("later");
          },
        }),
      );
      app.get("/", (event) => {
        put(event);
        return fromNodeHandler(
          (_req, res) => void res.writeHead(201, { "X-Handler": "1" }).end("raw"),
        )(event);
      });
      const answer = await (await serve(app)).browser().get("/");
      expect(answer).toMatchObject({ status: 503, body: "later", cookies: [] });
      expect(answer.headers).not.toHaveProperty("x-handler");
      expect(told).toEqual([code]);
    });

    test("a failed commit in h3 1 is reported and is a 500, or what onError makes of it", async () => {
      const reported = reports();
      const { sessions, put } = failing();
      const answer = async (options?: Parameters<typeof session<h31.H3Event>>[1]) => {
        const app = h31.createApp();
        app.use(session(sessions, options));
        app.use(
          h31.eventHandler((event) => {
            put(event);
            h31.setHeader(event, "X-Handler", "1");
            return "the handler's";
          }),
        );
        return (await serve1(app)).browser().get("/");
      };
      const plain = await answer();
      expect(plain).toMatchObject({ status: 500, body: "Internal Server Error", cookies: [] });
      expect(plain.headers).not.toHaveProperty("x-handler");
      expect(reported.map(codeOf)).toEqual([code]);

      const made = await answer({
        onError: (error, event) => {
          event.node.res.statusCode = 503;
          event.node.res.end(codeOf(error));
        },
      });
      expect(made).toMatchObject({ status: 503, body: code });
      expect(reported).toHaveLength(1);
    });
  });
});

describe("h3 1", () => {
  test("event.context.session is the session in h3 1, and an assignment to it throws", async () => {
    const sessions = newSessions();
    const app = h31.createApp();
    app.use(session(sessions));
    app.use(
      h31.eventHandler((event) => [
        event.context["session"] === sessions.of(event),
        thrownBy(() => Object.assign(event.context, { session: null })),
        thrownBy(() => sessions.putSession(event.node.req, "user", "ada")),
      ]),
    );
    const answer = await (await serve1(app)).browser().get("/");
    expect(JSON.parse(answer.body)).toEqual([true, "ERR_SESSION_USE", "nothing"]);
    expect(answer.cookies).toHaveLength(1);
  });

  test("a web Response carries the cookie beside its own", async () => {
    const sessions = newSessions();
    const app = h31.createApp();
    app.use(session(sessions));
    app.use(
      h31.eventHandler((event) => {
        sessions.putSession(event, "user", "ada");
        return new Response("ok", { status: 201, headers: { "Set-Cookie": "mine=1" } });
      }),
    );
    const answer = await (await serve1(app)).browser().get("/");
    expect(answer).toMatchObject({ status: 201, body: "ok", cookies: { length: 2 } });
  });
});

test("the middleware refuses options that cannot work at once", () => {
  const refused = (options: object): string => thrownBy(() => session(newSessions(), options));
  expect(refused({ onError: "log" })).toBe("ERR_SESSION_CONFIG");
  expect(refused({ cookieName: "sid" })).toBe("ERR_SESSION_CONFIG");
  expect(thrownBy(() => session({} as never))).toBe("ERR_SESSION_CONFIG");
});
