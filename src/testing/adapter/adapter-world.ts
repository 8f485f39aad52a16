/** One application with its store, its clock and its browsers. */
import { randomBytes } from "node:crypto";
import type { Awaitable } from "../../core/awaitable.ts";
import { createSessions } from "../../core/sessions.ts";
import type { SessionTable } from "../../core/store.ts";
import type { Session, Sessions } from "../../core/types.ts";
import { cookieStore } from "../../stores/cookie/cookie-store.ts";
import { tableStore } from "../../stores/table/table-store.ts";
import { createTable } from "../../tables/named-tables.ts";
import { testClock } from "../clock.ts";
import type { TestClock } from "../clock.ts";
import { CookieJar } from "../cookie-jar.ts";
import type { AdapterAnswer, AdapterApp, AdapterData, OpenAdapter } from "./open-adapter.ts";

const ORIGIN = "https://app.example";
export const COOKIE = "__Host-session";
export const HOUR: number = 60 * 60;

/** The methods of a table that a case lets fail. */
type Failing = "none" | "reads" | "writes";

export type Kind = "table" | "sealed";

export class AdapterWorld {
  readonly clock: TestClock = testClock();
  readonly sessions: Sessions<AdapterData>;
  /** How often the store was asked for a row. */
  reads = 0;
  failing: Failing = "none";
  /** The session of the last request that had one. */
  last: Session<AdapterData> | undefined;
  /** Waits for a case to let it go on. */
  gate: Promise<void> = Promise.resolve();
  #app: AdapterApp | undefined;

  constructor(kind: Kind) {
    const store =
      kind === "table"
        ? tableStore({ table: this.#watched(createTable()) })
        : cookieStore({ secret: randomBytes(32).toString("base64url") });
    this.sessions = createSessions<AdapterData>({
      store,
      key: COOKIE,
      subject: "user",
      lifetime: { idle: 24 * HOUR, absolute: 30 * 24 * HOUR },
      now: this.clock.now,
    });
  }

  async open(open: OpenAdapter): Promise<void> {
    this.#app = await open({
      sessions: this.sessions,
      handle: (...given) => this.#handle(...given),
    });
  }

  async close(): Promise<void> {
    await this.#app?.close?.();
  }

  /** Makes a browser of its own for one visitor. */
  visitor(): Visitor {
    return new Visitor(this.clock.now, async (request) => {
      if (!this.#app) throw new Error("the application is not open");
      return this.#app.fetch(request);
    });
  }

  #watched(table: SessionTable): SessionTable {
    const guarded = <T>(failing: Failing, run: () => Awaitable<T>): Awaitable<T> => {
      if (this.failing === failing) throw new Error("the contract lets the store fail here");
      return run();
    };
    return {
      get: (key) => {
        this.reads++;
        return guarded("reads", () => table.get(key));
      },
      insert: (...given) => guarded("writes", () => table.insert(...given)),
      replace: (...given) => guarded("writes", () => table.replace(...given)),
      touch: (...given) => guarded("writes", () => table.touch(...given)),
      delete: (...given) => guarded("writes", () => table.delete(...given)),
    };
  }

  async #handle(session: Session<AdapterData>, path: string): Promise<AdapterAnswer> {
    this.last = session;
    switch (path) {
      case "/static":
        return { status: 200, body: "static" };
      case "/login/ann":
      case "/login/bob":
        session.renew().put("user", path.slice("/login/".length));
        return { status: 303, body: "", location: "/" };
      case "/logout":
        session.drop();
        return { status: 303, body: "", location: "/" };
      case "/count":
        session.update("count", (count = 0) => count + 1);
        return shown(session);
      case "/other":
        session.get();
        await this.gate;
        session.put("other", "kept");
        return shown(session);
      case "/throw":
        session.put("other", "kept");
        throw new Error("the handler of the contract throws");
      case "/stream":
        return { status: 200, body: late(session) };
      default:
        return shown(session);
    }
  }
}

function shown(session: Session<AdapterData>): AdapterAnswer {
  const { user = "nobody", count = 0, other = "" } = session.get();
  return { status: 200, body: [user, count, other].join(",") };
}

/** A body whose handler looks at the session when the head has left, and then tries to write. */
function late(session: Session<AdapterData>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async start(controller) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      let text = session.get("user") ?? "nobody";
      try {
        session.put("other", "late");
      } catch (error) {
        text += ` ${(error as { code?: string }).code}`;
      }
      controller.enqueue(encoder.encode(text));
      controller.close();
    },
  });
}

/** What a visitor got. */
export interface Reply {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
  /** The Set-Cookie headers of our name. */
  readonly cookies: readonly string[];
}

/** A browser: it keeps the cookies that it gets. */
export class Visitor {
  readonly #jar: CookieJar;
  readonly #fetch: (request: Request) => Promise<Response>;

  constructor(now: () => number, fetch: (request: Request) => Promise<Response>) {
    this.#jar = new CookieJar(now);
    this.#fetch = fetch;
  }

  get cookie(): string {
    return this.#jar.header("/");
  }

  /** Asks for a page. A host that rejects instead of answering counts as status 500. */
  async get(path: string, cookie: string = this.cookie): Promise<Reply> {
    const headers = new Headers(cookie === "" ? {} : { cookie });
    const url = new URL(path, ORIGIN);
    let response: Response;
    let text: string;
    try {
      response = await this.#fetch(new Request(url, { headers }));
      text = await response.text();
    } catch (error) {
      return { status: 500, text: String(error), headers: new Headers(), cookies: [] };
    }
    const cookies = response.headers.getSetCookie().filter((each) => each.startsWith(`${COOKIE}=`));
    this.#jar.take(cookies, url);
    return { status: response.status, text, headers: response.headers, cookies };
  }
}
