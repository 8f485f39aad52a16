/** Runs a program once, with us or without us, and tells everything that others can see of it. */
import * as http from "node:http";
import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { session as fetchSession } from "../../../src/adapters/fetch.ts";
import { createSessions } from "../../../src/core/sessions.ts";
import type { Sessions } from "../../../src/core/types.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import type { Ask, Data, Kit, Mode, Neighbour, Program, Reply } from "../neighbour.ts";
import { codeOf, connect, NOTHING } from "./client.ts";
import { laterTable } from "./later-table.ts";
import { watchProcess } from "./watch-process.ts";

/** The table's pace in a run with us. */
export const PACES = ["a table that answers at once", "a table that answers later"] as const;
export type Pace = (typeof PACES)[number];

/** What was seen of one request. */
export interface Seen {
  readonly reply: Reply;
  /** What the program's own code has told, and what would end the process. */
  readonly notes: readonly string[];
  /** The events of the response, and callbacks. */
  readonly events: readonly string[];
  /** The events of the request. When it is read to its end is not the response's affair. */
  readonly request: readonly string[];
  /** Whether the session was looked at before the head left. */
  readonly looked: boolean;
}

/** The name of our cookie. */
export const COOKIE = "sid";
/** Longer than a session goes without a touch. */
const TOUCH_DUE_MS = 6 * 60 * 1000;
/** Milliseconds after which a response that has not closed is taken to stay open. */
const CLOSE_MS = 2000;

/** The request that runs: one after the other, so that everything belongs to it. */
interface Current {
  readonly notes: string[];
  readonly events: string[];
  readonly request: string[];
  looked: boolean;
  isHeadSent: () => boolean;
  closed: Promise<unknown>;
}

/** @param pace `undefined`: without us */
export async function run(
  neighbour: Neighbour,
  mode: Mode,
  pace: Pace | undefined,
): Promise<readonly Seen[]> {
  let now = Date.UTC(2030, 0, 1);
  const table = pace === "a table that answers later" ? laterTable() : createTable();
  const sessions = createSessions<Data>({
    store: tableStore({ table }),
    key: COOKIE,
    secure: false,
    now: () => now,
  });
  const jar = new Map<string, string>();
  if (mode !== "written inside") jar.set(COOKIE, await signIn(sessions));
  let current: Current = newCurrent();
  const kit = kitOf(mode, pace === undefined ? undefined : sessions, () => current);
  const watch = watchProcess((text) => current.notes.push(text));
  const program = await start(await neighbour.program(kit), () => current);
  const seen: Seen[] = [];
  try {
    for (const each of neighbour.requests) {
      now += TOUCH_DUE_MS;
      current = newCurrent();
      const given = typeof each === "function" ? each(seen.map(({ reply }) => reply)) : each;
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
      const headers = { ...(cookie === "" ? {} : { cookie }), ...given.headers };
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const reply = await program
        .ask({ ...given, headers })
        .catch((error: Error) => ({ ...NOTHING, error: codeOf(error) }));
      // oxlint-disable-next-line no-await-in-loop -- the same
      if (!(await isSettled(current.closed))) current.events.push("the response stays open");
      // oxlint-disable-next-line no-await-in-loop -- what comes in the next turn belongs to this request
      await new Promise((done) => setImmediate(done));
      keepCookies(jar, reply);
      const { notes, events, request, looked } = current;
      seen.push({ reply, notes, events, request, looked });
    }
  } finally {
    await program.close();
    watch.stop();
  }
  return seen;
}

function kitOf(mode: Mode, sessions: Sessions<Data> | undefined, current: () => Current): Kit {
  let n = 0;
  const look = (conn: object): void => {
    const now = current();
    if (!now.isHeadSent()) now.looked = true;
    if (!sessions) return;
    const session = sessions.of(conn as Parameters<typeof sessions.of>[0]);
    if (mode === "written inside") session.put("n", (n += 1));
    else if (session.get("user") !== "ada") throw new Error("the session has no user");
  };
  return {
    sessions,
    watch: (res) => watchResponse(res, current()),
    note: (text) => void current().notes.push(text),
    event: (text) => void current().events.push(text),
    above: (conn) => {
      if (mode === "looked at above") look(conn);
    },
    handle<T>(conn: object, handler: () => T): T | Promise<Awaited<T>> {
      switch (mode) {
        case "looked at inside":
        case "written inside":
          look(conn);
          return handler();
        case "looked at in a later turn":
          return laterTurn(() => {
            look(conn);
            return handler();
          });
        case "looked at after the answer": {
          const result = handler();
          if (!(result instanceof Promise)) {
            look(conn);
            return result;
          }
          return result.then((value: Awaited<T>) => {
            look(conn);
            return value;
          });
        }
        case "looked at above":
        case "never looked at":
          return handler();
      }
    },
  };
}

async function laterTurn<T>(task: () => T): Promise<Awaited<T>> {
  await new Promise((done) => setImmediate(done));
  await new Promise((done) => setTimeout(done, 1));
  return await task();
}

/** The value of a cookie whose session knows ada. */
async function signIn(sessions: Sessions<Data>): Promise<string> {
  const login = fetchSession(sessions, (request: Request) => {
    sessions.putSession(request, "user", "ada");
    return new Response();
  });
  const [cookie = ""] = (await login(new Request("http://localhost/"))).headers.getSetCookie();
  return cookie.slice(`${COOKIE}=`.length).split(";", 1)[0] ?? "";
}

function newCurrent(): Current {
  return {
    notes: [],
    events: [],
    request: [],
    looked: false,
    isHeadSent: () => false,
    closed: Promise.resolve(),
  };
}

/** As a browser that ignores all attributes but Max-Age. */
function keepCookies(jar: Map<string, string>, { headers }: Reply): void {
  for (const [name, value] of headers) {
    if (name.toLowerCase() !== "set-cookie") continue;
    const [, key = "", text = ""] = /^([^=]+)=([^;]*)/.exec(value) ?? [];
    if (/; Max-Age=0(?:;|$)/i.test(value)) jar.delete(key);
    else jar.set(key, text);
  }
}

/** Whether a promise is settled before long. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<false>((done) => {
    timer = setTimeout(done, CLOSE_MS, false);
  });
  const settled = await Promise.race([promise.then(() => true), patience]);
  clearTimeout(timer);
  return settled;
}

interface Running {
  readonly ask: (
    ask: Ask & { readonly headers: Readonly<Record<string, string>> },
  ) => Promise<Reply>;
  readonly close: () => Promise<unknown>;
}

async function start(program: Program, current: () => Current): Promise<Running> {
  if (typeof program !== "function" && "ask" in program) {
    const { ask, close } = program;
    return { ask, close: async () => close?.() };
  }
  const server = typeof program === "function" ? http.createServer(program) : program.server;
  // Before the program sees the request: it may listen itself.
  server.prependListener("request", (req, res) => {
    const { request } = current();
    for (const name of ["aborted", "close", "error"]) {
      req.on(name, (error?: Error) => request.push(`${name}${messageOf(error)}`));
    }
    watchResponse(res, current());
    current().closed = Promise.all([
      new Promise((done) => res.once("close", done)),
      new Promise((done) => req.once("close", done)),
    ]);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const protocol = typeof program === "function" ? "http/1.1" : (program.protocol ?? "http/1.1");
  const client = connect((server.address() as AddressInfo).port, protocol);
  return {
    ask: client.ask,
    async close() {
      client.close();
      await new Promise((done) => {
        server.close(done);
        server.closeAllConnections?.();
      });
      if (typeof program !== "function") await program.close?.();
    },
  };
}

function watchResponse(res: ServerResponse, current: Current): void {
  for (const name of ["finish", "close", "error"]) {
    res.on(name, (error?: Error) => current.events.push(`${name}${messageOf(error)}`));
  }
  // @fastify/express says of every head that it is not sent, also without us.
  current.isHeadSent = () => res.headersSent || res.writableEnded;
}

function messageOf(error: Error | undefined): string {
  return error ? `: ${error.message}` : "";
}
