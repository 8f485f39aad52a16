/** Programs of requests that run under express-session and under the drop-in. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import type { NextFunction, Request, RequestHandler, Response } from "express";
import expressSession from "express-session";
import fc from "fast-check";
import { bagOf } from "./app.ts";
import type { Bag } from "./app.ts";

const KEYS = ["cart", "user", "n"] as const;
type Key = (typeof KEYS)[number];

/** What a handler does. */
export type Step =
  | { readonly do: "put"; readonly key: Key; readonly value: unknown }
  | { readonly do: "push"; readonly key: Key; readonly value: number }
  | { readonly do: "delete"; readonly key: Key }
  | { readonly do: "maxAge"; readonly value: number | null }
  | { readonly do: Verb };
type Verb = "regenerate" | "destroy" | "save" | "reload" | "touch" | "unset" | "late save";

/** Which cookie a request brings. */
type CookieShape = "own" | "none" | "garbage" | "unsigned" | "tampered" | "twice" | "quoted";

type Fault = "none" | "get" | "set" | "destroy" | "touch";

export interface Visit {
  readonly cookie: CookieShape;
  readonly steps: readonly Step[];
  readonly fault: Fault;
}

export interface Program {
  readonly options: {
    readonly resave: boolean;
    readonly saveUninitialized: boolean;
    readonly rolling: boolean;
    readonly unset: "keep" | "destroy";
    readonly maxAge: number | undefined;
  };
  readonly requests: readonly Visit[];
}

/** What a browser sees of one request. */
export interface Seen {
  readonly status: number;
  readonly body: string;
  readonly cookie: "none" | "cleared" | "new" | "new, with an end" | "again" | "again, with an end";
}

const key = fc.constantFrom(...KEYS);
const verb = (name: Verb) => fc.constant<Step>({ do: name });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("put" as const),
      key,
      value: fc.jsonValue({ maxDepth: 2 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("push" as const), key, value: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("delete" as const), key }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("maxAge" as const),
      value: fc.constantFrom(null, 3600_000, 7200_000),
    }),
  },
  ...(["regenerate", "destroy", "save", "reload", "touch", "unset", "late save"] as const).map(
    (name) => ({
      weight: 1,
      arbitrary: verb(name),
    }),
  ),
);

/** @param faults which calls of the store may fail */
export function programs(faults: readonly Fault[]): fc.Arbitrary<Program> {
  return fc.record({
    options: fc.record({
      resave: fc.boolean(),
      saveUninitialized: fc.boolean(),
      rolling: fc.boolean(),
      unset: fc.constantFrom("keep" as const, "destroy" as const),
      maxAge: fc.constantFrom(undefined, 3600_000),
    }),
    requests: fc.array(
      fc.record({
        cookie: fc.oneof(
          { weight: 6, arbitrary: fc.constant<CookieShape>("own") },
          {
            weight: 1,
            arbitrary: fc.constantFrom<CookieShape>(
              "none",
              "garbage",
              "unsigned",
              "tampered",
              "twice",
              "quoted",
            ),
          },
        ),
        steps: fc.array(step, { maxLength: 5 }),
        fault: fc.oneof(
          { weight: 6, arbitrary: fc.constant<Fault>("none") },
          { weight: 1, arbitrary: fc.constantFrom(...faults) },
        ),
      }),
      { minLength: 1, maxLength: 6 },
    ),
  });
}

/** The store of express-session, of which one method can fail. */
export class FaultyStore extends expressSession.MemoryStore {
  fault: Fault = "none";

  override get(...[id, done]: Parameters<expressSession.MemoryStore["get"]>): void {
    if (!this.#fails("get", done)) super.get(id, done);
  }
  override set(...[id, session, done]: Parameters<expressSession.MemoryStore["set"]>): void {
    if (!this.#fails("set", done)) super.set(id, session, done);
  }
  override destroy(...[id, done]: Parameters<expressSession.MemoryStore["destroy"]>): void {
    if (!this.#fails("destroy", done)) super.destroy(id, done);
  }
  override touch(...[id, session, done]: Parameters<expressSession.MemoryStore["touch"]>): void {
    if (!this.#fails("touch", done)) super.touch(id, session, done);
  }

  #fails(method: Fault, done: ((error: unknown) => void) | undefined): boolean {
    if (this.fault !== method) return false;
    setImmediate(() => done?.(new Error(`${method} fails`)));
    return true;
  }
}

/** Makes the middleware of one program. A store that can fail is told what fails. */
export type Make = (options: Program["options"]) => {
  readonly middleware: RequestHandler;
  readonly store?: { fault: Fault };
};

/** A server that runs programs, one after the other. */
export class Side {
  readonly #make: Make;
  readonly #server = createServer((req, res) => this.#app(req, res)).listen(0, "127.0.0.1");
  #app = express();
  #late: Promise<unknown> = Promise.resolve();

  constructor(make: Make) {
    this.#make = make;
    // A server may cut a connection after an answer, for which a client that sends again on it would be told nothing else.
    this.#server.maxRequestsPerSocket = 1;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** Begins a program. It takes the place of the one before. */
  async begin({ options, requests }: Program): Promise<Run> {
    const { middleware, store } = this.#make(options);
    const visitOf = (req: Request): Visit | undefined => requests[Number(req.get("x-visit"))];
    const app = express();
    app.use((req, _res, next) => {
      if (store) store.fault = visitOf(req)?.fault ?? "none";
      next();
    });
    app.use(middleware);
    app.get("/", async (req, res) => {
      const id = (req as unknown as { sessionID: string }).sessionID;
      const isLate = await play(visitOf(req)?.steps ?? [], req);
      const session: Bag | null | undefined = bagOf(req);
      const after = (req as unknown as { sessionID: string }).sessionID;
      const data = session ? Object.entries({ ...session }) : [];
      res.json({
        data: Object.fromEntries(
          data.filter(([name]) => name !== "cookie").toSorted(([a], [b]) => (a < b ? -1 : 1)),
        ),
        hasSession: Boolean(session),
        isSameId: id === after,
        hasOwnId: session ? session.id === after : undefined,
        maxAge: session ? Math.round(Number(session.cookie.originalMaxAge) / 1000) : undefined,
      });
      // A job in the background, which saves what it finds after the answer.
      if (isLate && session) {
        this.#late = new Promise((resolve) => {
          res.once("close", () => setImmediate(() => session.save(resolve)));
        });
      }
    });
    app.use((error: Error, _req: Request, res: Response, _next: NextFunction) => {
      // express-session hands some errors on when its answer has left.
      if (!res.headersSent) res.status(500).send(error.message);
    });
    this.#app = app;
    if (!this.#server.listening) await once(this.#server, "listening");
    let jar = "";
    const { port } = this.#server.address() as AddressInfo;
    return {
      visit: async (at) => {
        const cookie = shaped(requests[at]?.cookie ?? "none", jar);
        const headers = { "x-visit": String(at), cookie };
        const response = await fetch(`http://127.0.0.1:${port}/`, { headers });
        const body = await response.text();
        await this.#late;
        const sent = response.headers.getSetCookie().at(-1);
        const value = sent && (/^connect\.sid=([^;]*)/.exec(sent)?.[1] ?? "");
        const seen: Seen = { status: response.status, body, cookie: described(sent, value, jar) };
        jar = value ?? jar;
        return seen;
      },
      forget: () => {
        jar = "";
      },
    };
  }
}

/** One program at work. */
interface Run {
  visit(at: number): Promise<Seen>;
  /** Takes the cookie out of the browser. */
  forget(): void;
}

function described(
  sent: string | undefined,
  value: string | undefined,
  jar: string,
): Seen["cookie"] {
  if (sent === undefined || value === undefined) return "none";
  if (value === "") return "cleared";
  const kind = value === jar ? "again" : "new";
  return sent.includes("Expires=") ? `${kind}, with an end` : kind;
}

function shaped(shape: CookieShape, jar: string): string {
  const own = jar === "" ? "" : `connect.sid=${jar}`;
  switch (shape) {
    case "own":
      return own;
    case "none":
      return "";
    case "garbage":
      return "connect.sid=%E0%A4%A; a=b";
    case "unsigned":
      return "connect.sid=0123456789abcdef";
    case "tampered":
      return jar === "" ? "" : `${own.slice(0, -3)}AAA`;
    case "twice":
      return own && `${own}; ${own}`;
    case "quoted":
      return own && `a=1; connect.sid="${jar}"; b`;
  }
}

/** Gives whether the session shall be saved after the answer. */
async function play(steps: readonly Step[], req: Request): Promise<boolean> {
  let isLate = false;
  for (const each of steps) {
    const session: Bag | null | undefined = bagOf(req);
    if (!session) continue;
    switch (each.do) {
      case "put":
        session[each.key] = structuredClone(each.value);
        break;
      case "push": {
        const list = session[each.key];
        if (Array.isArray(list)) list.push(each.value);
        else session[each.key] = [each.value];
        break;
      }
      case "delete":
        delete session[each.key];
        break;
      case "maxAge":
        session.cookie.maxAge = each.value;
        break;
      case "touch":
        session.touch();
        break;
      case "unset":
        (req as { session?: unknown }).session = null;
        break;
      case "late save":
        isLate = true;
        break;
      default:
        await asked(session, each.do);
    }
  }
  return isLate;
}

function asked(session: Bag, method: "regenerate" | "destroy" | "save" | "reload"): Promise<void> {
  return new Promise((resolve, reject) => {
    session[method]((error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}
