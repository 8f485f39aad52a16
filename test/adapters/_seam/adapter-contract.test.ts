/** The contract of an adapter, over the ways in which an adapter can be built, and over adapters that break it. */
import { Hono } from "hono";
import { describe, expect, it } from "vitest";
import { withSession } from "../../../src/adapters/adapter.ts";
import { session as fetchSession } from "../../../src/adapters/fetch.ts";
import { session as honoSession } from "../../../src/adapters/hono.ts";
import { adapterContract } from "../../../src/testing/adapter/adapter-contract.ts";
import type { AdapterAnswer, OpenAdapter } from "../../../src/testing/adapter/open-adapter.ts";

function respond({ status, body, location }: AdapterAnswer): Response {
  return new Response(body, { status, headers: location === undefined ? {} : { location } });
}

function pathOf(request: Request): string {
  return new URL(request.url).pathname;
}

const built: readonly (readonly [string, OpenAdapter])[] = [
  [
    "withSession",
    ({ sessions, handle }) => ({
      fetch: (request) =>
        withSession(sessions, request, async (session) =>
          respond(await handle(session, pathOf(request))),
        ),
    }),
  ],
  [
    "sessions.open",
    ({ sessions, handle }) => ({
      async fetch(request) {
        const { session, commit } = await sessions.open(request.headers);
        let answer: AdapterAnswer;
        try {
          answer = await handle(session, pathOf(request));
        } catch {
          await commit();
          return new Response("failed", { status: 500 });
        }
        const response = respond(answer);
        (await commit()).writeTo(response.headers, {
          streams: typeof answer.body !== "string",
        });
        return response;
      },
    }),
  ],
  [
    "sojourn/fetch",
    ({ sessions, handle }) => ({
      fetch: fetchSession(sessions, async (request) =>
        respond(await handle(sessions.of(request), pathOf(request))),
      ),
    }),
  ],
  [
    "sojourn/hono",
    ({ sessions, handle }) => {
      const app = new Hono().use(honoSession(sessions));
      app.onError((error) => new Response(error.message, { status: 500 }));
      app.all("*", async (c) => respond(await handle(sessions.of(c), c.req.path)));
      return { fetch: (request) => app.fetch(request) };
    },
  ],
];

describe.each(built)("an adapter that is built with %s", (_, open) => {
  for (const [title, run] of adapterContract(open)) it(title, run);
});

/** Adapters with one fault each, and a part of the titles that must fail for it. */
const faulty: readonly (readonly [string, string, OpenAdapter])[] = [
  [
    "never commits",
    "there in the next",
    ({ sessions, handle }) => ({
      async fetch(request) {
        const { session } = await sessions.open(request.headers);
        return respond(await handle(session, pathOf(request)));
      },
    }),
  ],
  [
    "commits without the headers for caches",
    "L16",
    ({ sessions, handle }) => ({
      async fetch(request) {
        const { session, commit } = await sessions.open(request.headers);
        const response = respond(await handle(session, pathOf(request)));
        const { setCookie } = await commit();
        if (setCookie !== undefined) response.headers.append("set-cookie", setCookie);
        return response;
      },
    }),
  ],
  [
    "reads without activity",
    "L12: pages that only read",
    ({ sessions, handle }) => ({
      async fetch(request) {
        const path = pathOf(request);
        if (path === "/") return respond(await handle(await sessions.read(request.headers), path));
        const { session, commit } = await sessions.open(request.headers);
        const response = respond(await handle(session, path));
        (await commit()).writeTo(response.headers);
        return response;
      },
    }),
  ],
  [
    "answers although the commit has failed",
    "L14: if the commit fails",
    ({ sessions, handle }) => ({
      async fetch(request) {
        const { session, commit } = await sessions.open(request.headers);
        const response = respond(await handle(session, pathOf(request)));
        await commit().then(
          (answer) => answer.writeTo(response.headers),
          () => {},
        );
        return response;
      },
    }),
  ],
  [
    "keeps one session for everybody",
    "two visitors at once",
    ({ sessions, handle }) => {
      let opened: ReturnType<typeof sessions.open> | undefined;
      return {
        async fetch(request) {
          opened ??= sessions.open(request.headers);
          const { session, commit } = await opened;
          const response = respond(await handle(session, pathOf(request)));
          (await commit()).writeTo(response.headers);
          return response;
        },
      };
    },
  ],
];

describe("the contract of an adapter", () => {
  it.each(faulty)("the contract fails for an adapter that %s", async (_, part, open) => {
    const failed: string[] = [];
    for (const [title, run] of adapterContract(open)) {
      await run().catch(() => failed.push(title));
    }
    expect(failed).toContainEqual(expect.stringContaining(part));
  });
});
