/** L19, L20: what a developer should see on the console is written there once per process. */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { CookieSettings } from "../../src/core/types.ts";

interface Warning extends Error {
  readonly code?: string | undefined;
}

/** A process of its own, as far as our modules go. */
async function freshProcess() {
  vi.resetModules();
  const warnings: Warning[] = [];
  vi.spyOn(process, "emitWarning").mockImplementation((text, options) => {
    warnings.push(Object.assign(new Error(String(text)), options));
  });
  const { createSessions } = await import("../../src/core/sessions.ts");
  const { session } = await import("../../src/adapters/fetch.ts");
  const { createTable } = await import("../../src/tables/named-tables.ts");
  const { tableStore } = await import("../../src/stores/table/table-store.ts");
  const make = (key: string, attributes: Partial<CookieSettings> = {}) => {
    const sessions = createSessions<{ n: number }>({
      store: tableStore({ table: createTable() }),
      key,
      ...attributes,
    });
    const handler = session(sessions, (request) => {
      sessions.putSession(request, "n", 1);
      return new Response("");
    });
    return { sessions, handler, visit: (url: string) => handler(new Request(url)) };
  };
  return { warnings, make };
}

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe("L19: a Secure cookie over plain http", () => {
  test.each(["http://localhost:3000/", "http://shop.example/"])(
    "one warning per process names the clients that drop it, at %s",
    async (url) => {
      const { warnings, make } = await freshProcess();
      const [one, other] = [make("__Host-one"), make("__Host-other")];
      await one.visit("https://shop.example/");
      await make("plain", { secure: false }).visit(url);
      expect(warnings).toEqual([]);
      for (const each of [one, one, other]) await each.visit(url);
      expect(warnings).toMatchObject([{ code: "SOJOURN_INSECURE_TRANSPORT" }]);
      const message = warnings[0]?.message;
      for (const word of ['"__Host-one"', "Safari", "Java", "requests", "supertest", "localhost"]) {
        expect(message).toContain(word);
      }
      expect(message).toContain("secure: false");
    },
  );

  test("testClient, which keeps Secure cookies of localhost, causes no warning", async () => {
    const { warnings, make } = await freshProcess();
    const { testClient } = await import("../../src/testing/client.ts");
    const { sessions, handler } = make("__Host-one");
    const client = testClient(sessions, { fetch: handler });
    await client.fetch("/");
    expect((await client.session()).get("n")).toBe(1);
    expect(warnings).toEqual([]);
  });

  test("a runtime without process.emitWarning answers all the same", async () => {
    const { make } = await freshProcess();
    vi.stubGlobal("process", { ...process, emitWarning: undefined });
    expect((await make("__Host-one").visit("http://localhost/")).status).toBe(200);
  });
});

describe("L11: a cookie whose name is no __Host- name", () => {
  test("one warning and one event per process say so, and name what to do", async () => {
    const { warnings, make } = await freshProcess();
    const events: unknown[] = [];
    const hear = (event: unknown): void => void events.push(event);
    subscribe("sojourn:weak-name", hear);
    const [one, other] = [make("one"), make("__Secure-other")];
    for (const each of [one, one, other]) await each.visit("https://shop.example/");
    unsubscribe("sojourn:weak-name", hear);
    expect(warnings).toMatchObject([{ code: "SOJOURN_WEAK_NAME" }]);
    for (const word of ['"one"', '"__Host-session"', "neighbouring host", "signs everybody out"]) {
      expect(warnings[0]?.message).toContain(word);
    }
    expect(events).toMatchObject([
      { cookieName: "one", reason: "no-host-prefix" },
      { cookieName: "__Secure-other", reason: "no-host-prefix" },
    ]);
  });

  test.each([
    ["a __Host- name", "__Host-one", {}],
    ["a __host- name in another case, which browsers take for the same", "__hOST-one", {}],
    ["a path, which no __Host- name can have", "one", { path: "/app" }],
    ["a domain, which no __Host- name can have", "one", { domain: "shop.example" }],
    ["secure: false, which no __Host- name can have", "one", { secure: false }],
  ])("with %s there is no warning", async (_, key, attributes) => {
    const { warnings, make } = await freshProcess();
    await make(key, attributes).visit("https://shop.example/");
    expect(warnings).toEqual([]);
  });
});
