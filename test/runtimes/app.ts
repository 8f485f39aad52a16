/** An application as a runtime gets it: bundled, set up at the top level of a module, a handler from Request to Response. */
import { session } from "../../src/adapters/fetch.ts";
import { cookieStore, createSessions, createTable, tableStore } from "../../src/index.ts";
import type { SessionTable, Sessions } from "../../src/index.ts";

/** Put in by the bundler, because workerd has no environment. */
declare const SECRET: string | undefined;

const memory = createTable();
let stuck = false;

/** The table of a database that is a network away; one write in its life never ends. */
const far: SessionTable = {
  get: (key) => later(() => memory.get(key)),
  insert: (...args) => later(() => memory.insert(...args)),
  replace(...args) {
    const waiting = stuck ? 60_000 : 1;
    stuck = false;
    return later(() => memory.replace(...args), waiting);
  },
  touch: (...args) => later(() => memory.touch(...args)),
  delete: (...args) => later(() => memory.delete(...args)),
};

function later<T>(call: () => T | PromiseLike<T>, milliseconds = 1): Promise<T> {
  return new Promise<void>((resolve) => setTimeout(resolve, milliseconds)).then(call);
}

type Handler = (request: Request) => Promise<Response>;
const handlers = new Map<string, Handler>([
  ["sealed", over(createSessions({ store: cookieStore({ secret: SECRET }), key: "sealed" }))],
  ["memory", over(createSessions({ store: tableStore({ table: memory }), key: "memory" }))],
  ["far", over(createSessions({ store: tableStore({ table: far }), key: "far" }))],
]);

/** `/far/put/name?value`: the store, what to do, and a key. */
function over(sessions: Sessions): Handler {
  return session(sessions, (request: Request) => {
    const { pathname, search } = new URL(request.url);
    const [, , verb, key = ""] = pathname.split("/");
    if (verb === "put") sessions.putSession(request, key, search.slice(1));
    if (verb === "renew") sessions.renewSession(request);
    if (verb === "drop") sessions.dropSession(request);
    if (verb === "stick") stuck = true;
    return Response.json(verb === "get" ? sessions.getSession(request) : {});
  });
}

export const app = {
  async fetch(request: Request): Promise<Response> {
    const [, store = ""] = new URL(request.url).pathname.split("/");
    try {
      return (await handlers.get(store)?.(request)) ?? new Response("", { status: 404 });
    } catch (error) {
      return Response.json({ code: (error as { code?: string }).code }, { status: 500 });
    }
  },
};

// oxlint-disable-next-line import/no-default-export -- as workerd wants it
export default app;
