/** The hook of SvelteKit. `npm run test:frameworks` builds and serves SvelteKit itself. */
import { describe, expect, it } from "vitest";
import { session } from "../../../src/adapters/frameworks/sveltekit.ts";
import type { SvelteKitEvent } from "../../../src/adapters/frameworks/sveltekit.ts";
import type { Session } from "../../../src/core/types.ts";
import { adapterContract } from "../../../src/testing/adapter/adapter-contract.ts";
import type { AdapterData } from "../../../src/testing/adapter/open-adapter.ts";
import { createSessions, createTable, tableStore } from "../../../src/index.ts";

function eventOf(request: Request, isSubRequest = false): SvelteKitEvent {
  return { request, locals: {}, isSubRequest };
}

function sessionIn({ locals }: SvelteKitEvent): Session<AdapterData> {
  return (locals as { session: Session<AdapterData> }).session;
}

function pathOf({ request }: SvelteKitEvent): string {
  return new URL(request.url).pathname;
}

describe("the hook of SvelteKit keeps the contract of an adapter", () => {
  const contract = adapterContract(({ sessions, handle }) => {
    const hook = session(sessions);
    return {
      fetch: (request) =>
        hook({
          event: eventOf(request),
          async resolve(event) {
            const { status, body, location } = await handle(sessionIn(event), pathOf(event));
            return new Response(body, { status, headers: location ? { location } : {} });
          },
        }),
    };
  });
  it.each(contract)("%s", async (_title, run) => run());
});

describe("L5: a request that a page of SvelteKit makes to its own application", () => {
  const sessions = createSessions<AdapterData>({
    store: tableStore({ table: createTable() }),
    key: "__Host-session",
  });
  const hook = session(sessions);

  /** Answers `/`, which writes, asks itself for `/inner` with these cookies, and shows what the inner request has done. */
  async function ask(cookie: string, innerCookie = cookie): Promise<[string, readonly string[]]> {
    const response = await hook({
      event: eventOf(new Request("https://shop.example/", { headers: { cookie } })),
      async resolve(outer) {
        sessionIn(outer).update("count", (count = 0) => count + 10);
        const headers = innerCookie === "" ? {} : { cookie: innerCookie };
        const inner = await hook({
          event: eventOf(new Request("https://shop.example/inner", { headers }), true),
          resolve(event) {
            try {
              sessionIn(event).update("count", (count = 0) => count + 1);
            } catch (error) {
              return new Response((error as { code: string }).code);
            }
            return new Response("written");
          },
        });
        expect(inner.headers.getSetCookie()).toEqual([]);
        return new Response(`${sessionIn(outer).get("count")} ${await inner.text()}`);
      },
    });
    return [await response.text(), response.headers.getSetCookie()];
  }

  it("the inner request shares the session of the page, also on the first visit, and the answer has one cookie", async () => {
    const [text, [cookie = "", ...others]] = await ask("");
    expect([text, others]).toEqual(["11 written", []]);
    expect(await ask(cookie.split(";")[0] ?? "")).toEqual(["22 written", []]);
  });

  it("an inner request without the cookies of the page is nobody's and can only read", async () => {
    const [, [cookie = ""]] = await ask("");
    expect(await ask(cookie.split(";")[0] ?? "", "")).toEqual(["21 ERR_SESSION_COMMITTED", []]);
  });
});
