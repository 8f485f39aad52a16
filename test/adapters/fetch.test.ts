import { describe, expect, test } from "vitest";
import { session } from "../../src/adapters/fetch.ts";
import { newSessions, openSessions } from "../contracts/hosts/sessions.ts";
import type { Opened } from "../contracts/hosts/sessions.ts";
import { sealedCookie, storeKinds } from "../contracts/hosts/stores.ts";
import { codeOf, thrownBy } from "../contracts/hosts/world.ts";

function request(path: string, answered?: Response): Request {
  const cookie = answered?.headers.getSetCookie().map((each) => each.split(";")[0] ?? "") ?? [];
  return new Request(`https://shop.example${path}`, {
    headers: cookie.length > 0 ? { cookie: cookie.join("; ") } : {},
  });
}

/** The code, or the message, of what a promise fails with. */
const failureOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(() => "nothing", codeOf);

describe("a Fetch handler", () => {
  test("the handler gets whatever the server gives: env, ctx, a server", async () => {
    const sessions = newSessions();
    const handler = session(
      sessions,
      (request, env: { name: string }, ctx: { waitUntil: () => number }) => {
        sessions.putSession(request, "user", env.name);
        return new Response(String(ctx.waitUntil()));
      },
    );
    const answer = await handler(request("/"), { name: "ada" }, { waitUntil: () => 7 });
    expect(await answer.text()).toBe("7");
    expect(answer.headers.getSetCookie()).toHaveLength(1);
  });

  test("the handler may give an answer whose headers cannot be changed", async () => {
    const sessions = newSessions();
    const handler = session(sessions, (request) => {
      sessions.putSession(request, "user", "ada");
      return Response.redirect("https://shop.example/there", 303);
    });
    const answer = await handler(request("/"));
    expect(answer.status).toBe(303);
    expect(answer.headers.get("location")).toBe("https://shop.example/there");
    expect(answer.headers.getSetCookie()).toHaveLength(1);
  });

  test("the handler may give undefined, as Bun's does after an upgrade, and no session is made", async () => {
    const { store, calls } = sealedCookie.open();
    const sessions = newSessions(store);
    const handler = session(sessions, (request): Response | undefined => {
      sessions.putSession(request, "user", "ada");
      return undefined;
    });
    expect(await handler(request("/"))).toBeUndefined();
    expect(calls.create).toBe(0);
  });

  test("the handler's answer is left as it is if the handler never looked", async () => {
    const made = new Response("static");
    const answer = await session(newSessions(), () => made)(request("/"));
    expect(answer).toBe(made);
    expect([...answer.headers.keys()]).toEqual(["content-type"]);
  });
});

test("options that cannot work are refused at once", () => {
  const sessions = newSessions();
  const refused = (options: object): string =>
    thrownBy(() => session(sessions, () => new Response(), options));
  expect(refused({ as: "session" })).toBe("ERR_SESSION_CONFIG");
  expect(refused({ onError: "log" })).toBe("ERR_SESSION_CONFIG");
  expect(refused({ cookieName: "sid" })).toBe("ERR_SESSION_CONFIG");
  expect(thrownBy(() => session(sessions, undefined as never))).toBe("ERR_SESSION_CONFIG");
  expect(thrownBy(() => session({} as never, () => new Response()))).toBe("ERR_SESSION_CONFIG");
});

describe.each(storeKinds.filter(({ table }) => table !== "none"))(
  "a Fetch handler with $name",
  (kind) => {
    const open = (): Opened => openSessions(kind);

    test("a handler that throws is a rejection, and what it wrote to a stored session is kept", async () => {
      const { sessions, calls } = open();
      const handler = session(sessions, (request) => {
        const { pathname } = new URL(request.url);
        if (pathname !== "/read") sessions.updateSession(request, "n", (n = 0) => n + 1);
        if (pathname === "/throw") throw new Error("boom");
        return new Response(String(sessions.getSession(request, "n")));
      });
      // Nobody would get the cookie of a new one.
      expect(await failureOf(handler(request("/throw")))).toBe("boom");
      expect(calls.create).toBe(0);

      const first = await handler(request("/put"));
      expect(await failureOf(handler(request("/throw", first)))).toBe("boom");
      expect(await (await handler(request("/read", first))).text()).toBe("2");
    });

    test("the handler's error is told, and not that the commit after it failed as well", async () => {
      const { sessions, table } = open();
      const handler = session(sessions, (request) => {
        const { pathname } = new URL(request.url);
        sessions.updateSession(request, "n", (n = 0) => n + 1);
        if (pathname === "/throw") throw new Error("boom");
        return new Response();
      });
      const first = await handler(request("/put"));
      if (table) table.writes = "failing";
      expect(await failureOf(handler(request("/throw", first)))).toBe("boom");
    });

    test("with onError, the answer to the handler's error carries the cookie", async () => {
      const { sessions } = open();
      const handler = session(
        sessions,
        (request): Response => {
          sessions.putSession(request, "user", "ada");
          throw new Error("boom");
        },
        { onError: (error) => new Response(codeOf(error), { status: 500 }) },
      );
      const answer = await handler(request("/"));
      expect(answer.status).toBe(500);
      expect(await answer.text()).toBe("boom");
      expect(answer.headers.getSetCookie()).toHaveLength(1);
    });

    test("a failed commit is a rejection, and closes the body that nobody will read", async () => {
      const { sessions, table } = open();
      if (table) table.writes = "failing";
      let cancelled = false;
      const handler = session(sessions, (request) => {
        sessions.putSession(request, "user", "ada");
        return new Response(new ReadableStream({ cancel: () => void (cancelled = true) }));
      });
      expect(await failureOf(handler(request("/")))).toBe("ERR_SESSION_STORE");
      expect(cancelled).toBe(true);
    });

    test("a handler inside another one shares the session, which is committed once", async () => {
      const { sessions, calls } = open();
      const inner = session(sessions, (request) => {
        sessions.putSession(request, "user", "ada");
        return new Response("ok");
      });
      const answer = await session(sessions, inner, { fetch: false })(request("/"));
      expect(answer.headers.getSetCookie()).toHaveLength(1);
      expect(calls.create).toBe(1);
    });
  },
);
