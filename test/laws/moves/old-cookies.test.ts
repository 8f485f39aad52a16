import { createHmac } from "node:crypto";
import { MemoryStore } from "express-session";
import type { SessionData as OldData } from "express-session";
import { describe, expect, it } from "vitest";
import { createSessions } from "../../../src/core/sessions.ts";
import type { SessionReader } from "../../../src/core/cookie/old-session.ts";
import type { Conn, Sessions } from "../../../src/core/types.ts";
import {
  cookieSession,
  expressSession,
  fastifySession,
  koaSession,
} from "../../../src/readers/index.ts";
import type { ConnectStore } from "../../../src/readers/connect-store.ts";
import type { KoaStore } from "../../../src/readers/koa-session.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { refusals } from "../../support/events.ts";
import { OLD_SECRET, SECRET } from "../../support/secrets.ts";
import { visit } from "../../support/visit.ts";

interface Data {
  user: string;
}

function signed(id: string): string {
  const digest = createHmac("sha256", OLD_SECRET).update(id).digest("base64");
  return `${id}.${digest.replace(/=+$/, "")}`;
}

/** A store of express-session that has these sessions, each of the user of the same name. */
function storeOf(...users: readonly string[]): MemoryStore {
  const store = new MemoryStore();
  for (const user of users) store.set(user, { cookie: {}, user } as unknown as OldData);
  return store;
}

function sessionsFrom(...from: readonly SessionReader[]): Sessions<Data> {
  return createSessions<Data>({
    key: "__Host-session",
    subject: "user",
    store: tableStore({ table: createTable() }),
    adopt: { secret: SECRET, until: new Date(Date.now() + 86_400_000), from },
  });
}

async function userOf(sessions: Sessions<Data>, cookie: string): Promise<string | undefined> {
  return (await visit(sessions, cookie, (conn) => sessions.getSession(conn, "user"))).result;
}

const ofExpress = (id: string): string => `connect.sid=${encodeURIComponent(`s:${signed(id)}`)}`;
const ofFastify = (id: string): string => `sessionId=${encodeURIComponent(signed(id))}`;

const ofKoa = (id: string): readonly string[] => {
  const signature = createHmac("sha1", OLD_SECRET).update(`koa.sess=${id}`).digest("base64url");
  return [`koa.sess=${id}`, `koa.sess.sig=${signature}`];
};

describe("L7: a request with several old cookies", () => {
  const cookies = [
    ofExpress("ada"),
    // Browsers send cookies of one name for several paths.
    ofExpress("bob"),
    "connect.sid=s%3Aforged.AAAA",
    ofExpress("cyd"),
    ofFastify("eve"),
  ];

  it.each([
    ["log-out", (sessions: Sessions<Data>, conn: Conn) => sessions.dropSession(conn)],
    ["log-in", (sessions: Sessions<Data>, conn: Conn) => sessions.putSession(conn, "user", "zoe")],
  ] as const)("a %s ends each session of theirs that is genuine", async (_, act) => {
    const [express, fastify] = [storeOf("ada", "bob", "cyd", "dan"), storeOf("eve")];
    const sessions = sessionsFrom(
      expressSession({ secret: OLD_SECRET, store: express }),
      fastifySession({ secret: OLD_SECRET, store: fastify }),
    );
    // One of them has a session of ours already, which the request does not use.
    expect(await userOf(sessions, ofExpress("bob"))).toBe("bob");
    await visit(sessions, cookies.join("; "), (conn) => act(sessions, conn));
    for (const each of cookies) expect(await userOf(sessions, each)).toBe(undefined);
    // A session whose cookie the request has not brought goes on.
    expect(await userOf(sessions, ofExpress("dan"))).toBe("dan");
  });

  it("a log-out ends each one whose signature is in a cookie of its own", async () => {
    const rows = new Map([
      ["ada", { user: "ada" }],
      ["bob", { user: "bob" }],
    ]);
    const store: KoaStore = { get: (id) => rows.get(id), destroy: (id) => rows.delete(id) };
    const sessions = sessionsFrom(koaSession({ keys: OLD_SECRET, store }));
    const [ada, bob, lone] = [ofKoa("ada"), ofKoa("bob"), ["koa.sess=forged"]];
    // A cookie without a signature moves the others to another place than their signatures.
    for (const order of [
      [ada, bob],
      [lone, ada, bob],
      [ada, lone, bob],
      [ada, bob, lone],
    ]) {
      const cookies = order.flat();
      rows.set("ada", { user: "ada" }).set("bob", { user: "bob" });
      await visit(sessions, cookies.join("; "), (conn) => sessions.dropSession(conn));
      expect([...rows.keys()]).toEqual([]);
    }
  });

  it("a log-out ends the others if one old store fails", async () => {
    const failing: ConnectStore = {
      get: (_, done) => done(undefined, { user: "ada" }),
      destroy: (_, done) => done?.(new Error("the old store is away")),
    };
    const sessions = sessionsFrom(
      expressSession({ secret: OLD_SECRET, store: failing }),
      fastifySession({ secret: OLD_SECRET, store: storeOf("eve") }),
    );
    const { setCookie } = await visit(sessions, undefined, (conn) => {
      sessions.putSession(conn, "user", "zoe");
    });
    const ours = String(setCookie).split(";")[0] ?? "";
    const leaving = visit(sessions, [ours, ofExpress("ada"), ofFastify("eve")].join("; "), (conn) =>
      sessions.dropSession(conn),
    );
    await expect(leaving).rejects.toMatchObject({ code: "ERR_SESSION_STORE" });
    expect(await userOf(sessions, ours)).toBe(undefined);
    expect(await userOf(sessions, ofFastify("eve"))).toBe(undefined);
  });

  it("a log-out ends our session if an old store is silent", async () => {
    let ended = (): void => undefined;
    const asked = new Promise<void>((resolve) => {
      ended = resolve;
    });
    const silent: ConnectStore = { get: () => undefined, destroy: () => ended() };
    const sessions = sessionsFrom(expressSession({ secret: OLD_SECRET, store: silent }));
    const { setCookie } = await visit(sessions, undefined, (conn) => {
      sessions.putSession(conn, "user", "zoe");
    });
    const ours = String(setCookie).split(";")[0] ?? "";
    const leaving = visit(sessions, `${ours}; ${ofExpress("ada")}`, (conn) =>
      sessions.dropSession(conn),
    );
    await Promise.race([asked, leaving]);
    expect(await userOf(sessions, ours)).toBe(undefined);
  });
});

describe("L1: an old session that no store of ours can keep", () => {
  it("a genuine cookie with data that is too deep is nobody's, and the refusal is told", async () => {
    const deep = `${"[".repeat(4000)}${"]".repeat(4000)}`;
    const value = Buffer.from(`{"user":"ada","deep":${deep}}`).toString("base64");
    const signature = createHmac("sha1", OLD_SECRET).update(`session=${value}`).digest("base64url");
    const sessions = sessionsFrom(cookieSession({ keys: OLD_SECRET }));
    const cookie = `session=${value}; session.sig=${signature}`;
    const { result, events } = await visit(sessions, cookie, (conn) =>
      sessions.getSession(conn, "user"),
    );
    expect(result).toBe(undefined);
    expect(refusals(events)).toEqual(["malformed"]);
  });
});
