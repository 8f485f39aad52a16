import express from "express";
import type { ErrorRequestHandler } from "express";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { session } from "../../src/adapters/express.ts";
import { createSessions } from "../../src/core/sessions.ts";
import type { SessionStore } from "../../src/core/store.ts";
import type { Sessions } from "../../src/core/types.ts";
import { cookieStore } from "../../src/stores/cookie/cookie-store.ts";
import { tableStore } from "../../src/stores/table/table-store.ts";
import { createTable } from "../../src/tables/named-tables.ts";
import { confideCookies } from "../support/leaks.ts";
import { OLD_SECRET, SECRET } from "../support/secrets.ts";
import { AsyncTable } from "../support/tables/async-table.ts";
import { LIBRARIES, listen } from "./libraries.ts";
import type { Library, OldServer } from "./libraries.ts";

interface User {
  user: string;
  cart: readonly string[];
  [key: `k${number}`]: number;
}

/** The application after its move: what was `req.session` of the old library is ours. */
interface NewServer extends OldServer {
  readonly sessions: Sessions<User>;
  get(path: string, cookies: string): Promise<Answer>;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly ours: string | undefined;
  /** The names of the cookies that the browser shall forget. */
  readonly cleared: readonly string[];
}

const KEY = "__Host-session";

async function startNew(library: Library, store: SessionStore): Promise<NewServer> {
  const sessions = createSessions<User>({
    store,
    key: KEY,
    subject: "user",
    adopt: { secret: SECRET, until: new Date(Date.now() + 86_400_000), from: [library.reader] },
  });
  const app = express().use(session(sessions));
  app.get("/me", (req, res) => {
    const { user = null, cart = null } = sessions.getSession(req);
    res.json([user, cart]);
  });
  app.get("/keys", (req, res) => {
    res.json(Object.keys(sessions.getSession(req)).filter((key) => /^k\d/.test(key)).length);
  });
  app.get("/key/:n", (req, res) => {
    const user = sessions.getSession(req, "user");
    if (user !== undefined) sessions.putSession(req, `k${Number(req.params.n)}`, 1);
    res.json(user ?? null);
  });
  app.get("/out", (req, res) => {
    sessions.dropSession(req);
    res.end();
  });
  const failed: ErrorRequestHandler = (error: { code?: string }, _req, res, _next) => {
    res.status(500).json(error.code ?? String(error));
  };
  app.use(failed);
  const server = await listen(app);
  return {
    ...server,
    sessions,
    async get(path, cookies) {
      const response = await fetch(server.base + path, { headers: { cookie: cookies } });
      const set = confideCookies(response.headers.getSetCookie());
      const text = await response.text();
      return {
        status: response.status,
        body: text === "" ? undefined : JSON.parse(text),
        ours: set
          .find((each) => each.startsWith(`${KEY}=`) && !each.includes("Max-Age=0"))
          ?.split(";")[0],
        cleared: set
          .filter((each) => each.includes("Max-Age=0"))
          .map((each) => each.split("=")[0] ?? ""),
      };
    },
  };
}

async function signInThere(old: OldServer): Promise<string> {
  const response = await fetch(`${old.base}/in`);
  const set = confideCookies(response.headers.getSetCookie());
  return set.map((each) => each.split(";")[0]).join("; ");
}

/** Changes one character in the middle of each value. */
function tampered(cookies: string): string {
  return cookies
    .split("; ")
    .map((each) => {
      const equals = each.indexOf("=");
      const at = equals + Math.floor((each.length - equals) / 2);
      const other = each[at] === "A" ? "B" : "A";
      return each.slice(0, at) + other + each.slice(at + 1);
    })
    .join("; ");
}

describe.each(LIBRARIES.map((make) => [make().name, make] as const))("a user of %s", (_, make) => {
  const library = make();
  let old: OldServer;
  let now: NewServer;
  let other: NewServer;
  beforeAll(async () => {
    const table = new AsyncTable(createTable());
    old = await library.start();
    now = await startNew(library, tableStore({ table }));
    // Another process of the same application, as far as the two can know.
    other = await startNew(library, tableStore({ table }));
  });
  afterAll(() => Promise.all([old.close(), now.close(), other.close()]));

  it("a user who was signed in before is signed in after, and the next request needs our cookie only", async () => {
    const before = await signInThere(old);
    const first = await now.get("/me", before);
    expect(first.body).toEqual(["alice", ["apple"]]);
    expect(first.ours).toMatch(/^__Host-session=/);
    expect(first.cleared).toEqual(library.cookies);
    const second = await now.get("/me", first.ours ?? "");
    expect(second).toEqual({
      status: 200,
      body: ["alice", ["apple"]],
      ours: undefined,
      cleared: [],
    });
  });

  it("twenty requests at once, at two processes, are all signed in", async () => {
    const before = await signInThere(old);
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (__, n) => (n % 2 ? now : other).get(`/key/${n}`, before)),
    );
    expect(answers.map(({ body }) => body)).toEqual(Array<string>(20).fill("alice"));
    const cookies = new Set(answers.map(({ ours }) => ours));
    expect(cookies.size).toBe(library.isUnique ? 1 : 20);
    const last = answers.at(-1)?.ours ?? "";
    expect((await now.get("/keys", last)).body).toBe(library.isUnique ? 20 : 1);
  });

  it("a cookie that was changed is nobody's", async () => {
    const before = tampered(await signInThere(old));
    const answer = await now.get("/me", before);
    expect(answer).toEqual({ status: 200, body: [null, null], ours: undefined, cleared: [] });
  });

  it("our log-out ends the old session, so that a copy of a unique cookie opens nothing", async () => {
    const before = await signInThere(old);
    const { ours = "" } = await now.get("/me", before);
    const out = await now.get("/out", ours);
    expect(out.cleared).toEqual([KEY]);
    const copy = await other.get("/me", before);
    expect(copy.body).toEqual(library.isUnique ? [null, null] : ["alice", ["apple"]]);
  });

  it("a log-out that brings the old cookie as well ends both, and clears both", async () => {
    const before = await signInThere(old);
    const out = await now.get("/out", before);
    expect(new Set(out.cleared)).toEqual(new Set([KEY, ...library.cookies]));
    const copy = await now.get("/me", before);
    expect(copy.body).toEqual(library.isUnique ? [null, null] : ["alice", ["apple"]]);
  });

  it("log out everywhere also ends old cookies that nobody has adopted yet", async () => {
    const [adopted, waiting] = [await signInThere(old), await signInThere(old)];
    const { ours = "" } = await now.get("/me", adopted);
    await now.sessions.revoke("alice");
    expect((await now.get("/me", ours)).body).toEqual([null, null]);
    expect((await now.get("/me", waiting)).body).toEqual([null, null]);
    expect((await other.get("/me", adopted)).body).toEqual([null, null]);
  });
});

describe.each([
  ["sealed cookies", () => cookieStore({ secret: OLD_SECRET }), false],
  [
    "sealed cookies with revocations",
    () => cookieStore({ secret: OLD_SECRET, revocations: new AsyncTable(createTable()) }),
    true,
  ],
] as const)("a move from express-session to %s", (_, makeStore, isRevocable) => {
  const [makeLibrary] = LIBRARIES;
  if (!makeLibrary) throw new Error("no library");
  const library = makeLibrary();
  let old: OldServer;
  let now: NewServer;
  beforeAll(async () => {
    old = await library.start();
    now = await startNew(library, makeStore());
  });
  afterAll(() => Promise.all([old.close(), now.close()]));

  it("twenty requests at once are all signed in, and the last answer wins", async () => {
    const before = await signInThere(old);
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (__, n) => now.get(`/key/${n}`, before)),
    );
    expect(answers.map(({ body }) => body)).toEqual(Array<string>(20).fill("alice"));
    expect((await now.get("/keys", answers[0]?.ours ?? "")).body).toBe(1);
  });

  it("a copy of the old cookie opens nothing after the log-out only if ends are kept", async () => {
    const before = await signInThere(old);
    const { ours = "" } = await now.get("/me", before);
    await now.get("/out", ours);
    const copy = await now.get("/me", before);
    expect(copy.body).toEqual(isRevocable ? [null, null] : ["alice", ["apple"]]);
  });

  it("a log-out that brings the old cookie as well ends the old session in its store", async () => {
    const before = await signInThere(old);
    await now.get("/out", before);
    expect((await now.get("/me", before)).body).toEqual([null, null]);
    expect(await (await fetch(`${old.base}/me`, { headers: { cookie: before } })).json()).toBe(
      null,
    );
  });
});
