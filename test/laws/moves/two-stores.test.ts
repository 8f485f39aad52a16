import { describe, expect, it } from "vitest";
import { createSessions } from "../../../src/core/sessions.ts";
import type { SessionStore } from "../../../src/core/store.ts";
import type { Sessions } from "../../../src/core/types.ts";
import { expressSession } from "../../../src/readers/express-session.ts";
import { cookieStore } from "../../../src/stores/cookie/cookie-store.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { clock } from "../../support/clock.ts";
import { OLD_SECRET, SECRET } from "../../support/secrets.ts";
import { AsyncTable } from "../../support/tables/async-table.ts";
import { visit } from "../../support/visit.ts";

interface Data {
  user: string;
  a: number;
  b: number;
  c: number;
}

type Make = () => SessionStore;

const table: Make = () => tableStore({ table: new AsyncTable(createTable()) });
const sealedTable =
  (secret: string): Make =>
  () =>
    tableStore({ table: new AsyncTable(createTable()), secret });
const cookie: Make = () => cookieStore({ secret: OLD_SECRET });
const revocable: Make = () =>
  cookieStore({ secret: SECRET, revocations: new AsyncTable(createTable()) });

/** Each has the promises of the store that the session is in. */
const MOVES: readonly (readonly [title: string, before: Make, next: Make])[] = [
  ["one table to another", table, table],
  ["a table to one whose rows are sealed", table, sealedTable(SECRET)],
  ["one secret to another", sealedTable(OLD_SECRET), sealedTable(SECRET)],
  ["sealed cookies to a table", cookie, table],
  ["sealed cookies with revocations to a table", revocable, table],
  ["a table to sealed cookies", table, cookie],
];

/** The moves whose old sessions are rows. */
const OVER_TABLES = MOVES.filter(([title]) => !title.startsWith("sealed cookies"));
/** The moves whose old store knows which sessions have ended. */
const KEEPING_ENDS = MOVES.filter(([title]) => title !== "sealed cookies to a table");

const time = clock();

function processWith(store: SessionStore | readonly [SessionStore, SessionStore]): Sessions<Data> {
  return createSessions<Data>({ store, key: "__Host-session", subject: "user", now: time.now });
}

/** The three deployments: before the move, both stores with the old one first, and both with the new one first. */
function deployments(
  before: SessionStore,
  next: SessionStore,
): readonly [Sessions<Data>, Sessions<Data>, Sessions<Data>] {
  return [processWith(before), processWith([before, next]), processWith([next, before])];
}

async function signIn(sessions: Sessions<Data>): Promise<string> {
  const { setCookie = "" } = await visit(sessions, undefined, (conn) => {
    sessions.putSession(conn, "user", "ann");
  });
  return setCookie.split(";")[0] ?? "";
}

async function userOf(sessions: Sessions<Data>, cookies: string): Promise<string | undefined> {
  return (await visit(sessions, cookies, (conn) => sessions.getSession(conn, "user"))).result;
}

describe.each(MOVES)("a move from %s", (_, makeBefore, makeNext) => {
  const [before, next] = [makeBefore(), makeNext()];
  const [old, both, moved] = deployments(before, next);

  it("nobody is signed out, whichever deployment signed the user in", async () => {
    for (const sessions of [old, both, moved]) {
      const cookies = await signIn(sessions);
      expect(await userOf(both, cookies)).toBe("ann");
      expect(await userOf(moved, cookies)).toBe("ann");
    }
    expect(await userOf(old, await signIn(both))).toBe("ann");
  });

  it("a new session is made in the first store, which alone opens it afterwards", async () => {
    const cookies = await signIn(moved);
    expect(await userOf(processWith(next), cookies)).toBe("ann");
    expect(await userOf(old, cookies)).toBe(undefined);
  });
});

describe.each(OVER_TABLES)("L5: a move from %s", (_, makeBefore, makeNext) => {
  const [before, next] = [makeBefore(), makeNext()];
  const [old, both, moved] = deployments(before, next);

  it("no update is lost while the deployments serve side by side", async () => {
    const cookies = await signIn(old);
    await Promise.all([
      visit(old, cookies, (conn) => old.putSession(conn, "a", 1)),
      visit(both, cookies, (conn) => both.putSession(conn, "b", 2)),
      visit(moved, cookies, (conn) => moved.putSession(conn, "c", 3)),
    ]);
    const { result } = await visit(moved, cookies, (conn) => moved.getSession(conn));
    expect(result).toEqual({ user: "ann", a: 1, b: 2, c: 3 });
  });
});

describe.each(KEEPING_ENDS)("L7: a move from %s", (_, makeBefore, makeNext) => {
  const [before, next] = [makeBefore(), makeNext()];
  const [old, both, moved] = deployments(before, next);

  it("a log-out at one deployment is a log-out at all of them", async () => {
    const cookies = await signIn(old);
    const out = await visit(moved, cookies, (conn) => {
      moved.dropSession(conn);
    });
    expect(out.setCookie).toMatch(/Max-Age=0/);
    for (const sessions of [old, both, moved]) {
      expect(await userOf(sessions, cookies)).toBe(undefined);
    }
  });
});

describe("the sessions of a user in two stores", () => {
  const [before, next] = [table(), table()];
  const [old, moved] = [processWith(before), processWith([next, before])];

  it("the list has the sessions of both, and a revocation ends all of them", async () => {
    const first = await signIn(old);
    time.pass(60);
    const second = await signIn(moved);
    const listed = await moved.list("ann");
    expect(listed.map(({ createdAt }) => createdAt.getTime())).toEqual([
      time.now(),
      time.now() - 60_000,
    ]);
    await moved.revoke("ann");
    expect([await userOf(moved, first), await userOf(moved, second)]).toEqual([
      undefined,
      undefined,
    ]);
  });

  it("a revocation of all sessions before a moment holds in both", async () => {
    const cookies = [await signIn(old), await signIn(moved)];
    time.pass(60);
    await moved.revokeBefore(new Date(time.now()));
    for (const each of cookies) expect(await userOf(moved, each)).toBe(undefined);
  });

  it("where one of them keeps nothing of a user, a revocation is refused and not made by half", async () => {
    const half = processWith([next, cookie()]);
    await expect(half.revoke("ann")).rejects.toMatchObject({ code: "ERR_SESSION_USE" });
    await expect(half.revokeBefore(new Date(time.now()))).rejects.toMatchObject({
      code: "ERR_SESSION_USE",
    });
  });
});

describe("the option store as a list", () => {
  it("a list that is no pair of stores is refused", () => {
    const store = table();
    for (const wrong of [[], [store], [store, {}], [store, table(), table()], [store, store]]) {
      expect(() => processWith(wrong as unknown as SessionStore)).toThrow(/store/);
    }
  });

  it("a limit holds for a table, also beside sealed cookies", () => {
    expect(() =>
      createSessions<Data>({
        store: [table(), cookie()],
        key: "__Host-a",
        subject: "user",
        limit: 2,
      }),
    ).not.toThrow();
    expect(() =>
      createSessions<Data>({
        store: [cookie(), table()],
        key: "__Host-a",
        subject: "user",
        limit: 2,
      }),
    ).toThrow(/limit needs tableStore/);
  });

  it("a move between stores and an adoption at once are refused", () => {
    const old = { get: () => undefined, destroy: () => undefined };
    expect(() =>
      createSessions<Data>({
        store: [table(), table()],
        key: "__Host-session",
        adopt: {
          secret: SECRET,
          until: new Date(Date.now() + 60_000),
          from: [expressSession({ secret: OLD_SECRET, store: old })],
        },
      }),
    ).toThrow(/two moves/);
  });
});
