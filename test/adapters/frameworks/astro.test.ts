/** The middleware of Astro. `npm run test:frameworks` builds and serves Astro itself. */
import { describe, expect, it } from "vitest";
import { session } from "../../../src/adapters/frameworks/astro.ts";
import type { AstroContext } from "../../../src/adapters/frameworks/astro.ts";
import type { Session } from "../../../src/core/types.ts";
import { createSessions, createTable, tableStore } from "../../../src/index.ts";
import { adapterContract } from "../../../src/testing/adapter/adapter-contract.ts";
import type { AdapterData } from "../../../src/testing/adapter/open-adapter.ts";

function contextOf(request: Request, isPrerendered = false): AstroContext {
  return { request, locals: {}, isPrerendered };
}

function sessionIn({ locals }: AstroContext): Session<AdapterData> {
  return (locals as { session: Session<AdapterData> }).session;
}

describe("the middleware of Astro keeps the contract of an adapter", () => {
  const contract = adapterContract(({ sessions, handle }) => {
    const onRequest = session(sessions);
    return {
      fetch(request) {
        const context = contextOf(request);
        return onRequest(context, async () => {
          const path = new URL(request.url).pathname;
          const { status, body, location } = await handle(sessionIn(context), path);
          return new Response(body, { status, headers: location ? { location } : {} });
        });
      },
    };
  });
  it.each(contract)("%s", async (_title, run) => run());
});

describe("L16: pages of Astro", () => {
  const sessions = createSessions<AdapterData>({
    store: tableStore({ table: createTable() }),
    key: "__Host-session",
  });
  const onRequest = session(sessions);
  const page = (): Promise<Response> => Promise.resolve(new Response("page"));

  async function signedIn(): Promise<Request> {
    const context = contextOf(new Request("https://shop.example/"));
    const answer = await onRequest(context, () => {
      sessionIn(context).put("user", "ann");
      return page();
    });
    const [cookie = ""] = answer.headers.getSetCookie();
    return new Request("https://shop.example/", {
      headers: { cookie: cookie.split(";")[0] ?? "" },
    });
  }

  it("a page whose components may look while it streams is private for a visitor with a session", async () => {
    const { headers } = await onRequest(contextOf(await signedIn()), page);
    expect([headers.get("vary"), headers.get("cache-control")]).toEqual([
      "Cookie",
      "private, no-cache",
    ]);
  });

  it("a page that is made when the application is built has no session and no header of ours", async () => {
    const context = contextOf(await signedIn(), true);
    const { headers } = await onRequest(context, page);
    expect([sessionIn(context), headers.get("vary")]).toEqual([undefined, null]);
  });

  it("the page of an error shows who is signed in, is private, and refuses a write", async () => {
    const request = await signedIn();
    const failing = onRequest(contextOf(request), () =>
      Promise.reject(new Error("this page fails")),
    );
    await expect(failing).rejects.toThrow("this page fails");
    const again = contextOf(request);
    const answer = await onRequest(again, () => {
      expect(sessionIn(again).get("user")).toBe("ann");
      expect(() => sessionIn(again).put("user", "eve")).toThrow(
        expect.objectContaining({ code: "ERR_SESSION_COMMITTED" }),
      );
      return page();
    });
    expect(answer.headers.get("cache-control")).toBe("private, no-cache");
  });
});
