import { CookieJar as ToughJar } from "tough-cookie";
import { describe, expect, it } from "vitest";
import { createSessions } from "../../src/core/sessions.ts";
import type { SessionStore } from "../../src/core/store.ts";
import type { JarCookie } from "../../src/core/request/answer.ts";
import type { Sessions } from "../../src/core/types.ts";
import { session as fetchSession } from "../../src/adapters/fetch.ts";
import { cookieStore } from "../../src/stores/cookie/cookie-store.ts";
import { tableStore } from "../../src/stores/table/table-store.ts";
import { createTable } from "../../src/tables/named-tables.ts";
import { AsyncTable } from "../support/tables/async-table.ts";
import { DAY, HOUR, clock } from "../support/clock.ts";
import { SECRET } from "../support/secrets.ts";

interface Data {
  user?: string;
  n?: number;
}

const STORES: readonly (readonly [string, () => SessionStore])[] = [
  ["a table that answers at once", () => tableStore({ table: createTable() })],
  ["a table that answers later", () => tableStore({ table: new AsyncTable(createTable()) })],
  ["sealed cookies", () => cookieStore({ secret: SECRET })],
];

const time = clock();

function sessionsOver(store: SessionStore): Sessions<Data> {
  return createSessions<Data>({ store, key: "__Host-session", subject: "user", now: time.now });
}

/** A jar as frameworks give it, over a real one. */
class FrameworkJar {
  readonly #jar = new ToughJar();
  readonly set = (name: string, value: string, options: JarCookie["options"]): void => {
    const attributes = [
      `Path=${options.path}`,
      ...(options.secure ? ["Secure"] : []),
      ...(options.httpOnly ? ["HttpOnly"] : []),
      `SameSite=${options.sameSite}`,
      ...(options.maxAge === undefined ? [] : [`Max-Age=${options.maxAge}`]),
    ];
    this.#jar.setCookieSync([`${name}=${value}`, ...attributes].join("; "), "https://a.test/");
  };
  readonly delete = (name: string): void => {
    this.#jar.setCookieSync(`${name}=; Max-Age=0; Path=/; Secure`, "https://a.test/");
  };
  readonly get = (name: string): { readonly value: string } | undefined =>
    this.#jar.getCookiesSync("https://a.test/").find(({ key }) => key === name);
}

describe.each(STORES)("sessions.open, with %s", (_, store) => {
  it("a session is opened, written and committed through a framework's cookie jar", async () => {
    const sessions = sessionsOver(store());
    const jar = new FrameworkJar();
    const first = await sessions.open(jar);
    first.session.renew().put("user", "ann");
    const answer = await first.commit();
    expect(answer.written).toBe(true);
    expect(answer.cookie).toMatchObject({
      name: "__Host-session",
      options: { path: "/", httpOnly: true, secure: true, sameSite: "lax" },
    });
    if (answer.cookie) jar.set(answer.cookie.name, answer.cookie.value, answer.cookie.options);

    const second = await sessions.open(jar);
    expect(second.session.get("user")).toBe("ann");
    const read = await second.commit();
    expect([read.written, read.cookie, read.setCookie]).toEqual([false, undefined, undefined]);

    const third = await sessions.open(jar);
    third.session.drop();
    const gone = await third.commit();
    expect(gone).toMatchObject({
      written: true,
      cookie: { value: "", options: { maxAge: 0, expires: new Date(0) } },
    });
    if (gone.cookie) jar.set(gone.cookie.name, gone.cookie.value, gone.cookie.options);
    const last = await sessions.open(jar);
    expect(last.session.get("user")).toBeUndefined();
  });

  it("the parts of the cookie say the same as the header", async () => {
    const sessions = sessionsOver(store());
    const { session, commit } = await sessions.open(new Headers());
    session.put("n", 1).configure("persist", true).configure("sameSite", "strict");
    const { cookie, setCookie } = await commit();
    const { name, value, options } = cookie ?? {};
    expect(setCookie).toBe(
      `${name}=${value}; Max-Age=${options?.maxAge}; Expires=${options?.expires?.toUTCString()}` +
        "; Path=/; HttpOnly; Secure; SameSite=Strict",
    );
  });

  it("the response's headers say what caches must know, only if somebody looked or may still look", async () => {
    const sessions = sessionsOver(store());
    const written = new Headers();
    const first = await sessions.open({});
    first.session.put("n", 1);
    (await first.commit()).writeTo(written);
    expect(Object.fromEntries(written)).toMatchObject({
      vary: "Cookie",
      "cache-control": "no-store",
    });
    const [cookie] = written.getSetCookie();

    const headersOf = async (look: boolean, streams?: boolean): Promise<object> => {
      const headers = new Headers();
      const opened = await sessions.open({ cookie: cookie?.split(";")[0] });
      if (look) opened.session.get();
      (await opened.commit()).writeTo(headers, { streams });
      return Object.fromEntries(headers);
    };
    const shared = { vary: "Cookie", "cache-control": "private, no-cache" };
    expect(await headersOf(true)).toEqual(shared);
    expect(await headersOf(false, true)).toEqual(shared);
    expect(await headersOf(false)).toEqual({});
  });

  it("a commit is made once, and later writes are refused", async () => {
    const sessions = sessionsOver(store());
    const { session, commit } = await sessions.open({});
    session.put("n", 1);
    expect((await commit()).written).toBe(true);
    expect((await commit()).written).toBe(false);
    expect(() => session.put("n", 2)).toThrow(
      expect.objectContaining({ code: "ERR_SESSION_COMMITTED" }),
    );
  });

  it("L14: for a client that has gone nothing is created", async () => {
    const sessions = sessionsOver(store());
    const { session, commit } = await sessions.open({}, { gone: () => true });
    session.put("n", 1);
    expect(await commit()).toMatchObject({ written: false, setCookie: undefined });
  });
});

describe("sessions.open", () => {
  it("a source of cookies that is none is refused, and names what to pass", async () => {
    const sessions = sessionsOver(cookieStore({ secret: SECRET }));
    const request = new Request("https://a.test/");
    for (const wrong of [request, { req: {} }, undefined, "session=1", 5]) {
      await expect(sessions.open(wrong as never)).rejects.toMatchObject({
        code: "ERR_SESSION_USE",
        message: expect.stringContaining("a cookie jar with get(name)") as string,
      });
    }
  });

  it("L2: a store that fails is an error of open, and of commit", async () => {
    const table = new AsyncTable(createTable());
    const sessions = sessionsOver(tableStore({ table }));
    const first = await sessions.open({});
    first.session.put("n", 1);
    const cookie = (await first.commit()).setCookie?.split(";")[0];
    table.breakNext("get", "rejects");
    const failed = { code: "ERR_SESSION_STORE" };
    await expect(sessions.open({ cookie })).rejects.toMatchObject(failed);
    const { session, commit } = await sessions.open({ cookie });
    session.drop();
    table.breakNext("delete", "throws");
    table.breakNext("delete", "throws");
    table.breakNext("delete", "throws");
    table.breakNext("get", "throws");
    await expect(commit()).rejects.toMatchObject(failed);
  });
});

/** Signs somebody in, and gives the Cookie header for it. */
async function signIn(sessions: Sessions<Data>): Promise<string> {
  const { session, commit } = await sessions.open({});
  session.put("user", "ann").flash("n", 7);
  return (await commit()).setCookie?.split(";")[0] ?? "";
}

describe.each(STORES)("sessions.read as activity, with %s", (name, store) => {
  it("L12: a row lives on when pages only read it, and a sealed cookie does not", async () => {
    const local = clock();
    const isTable = name !== "sealed cookies";
    const sessions = createSessions<Data>({
      store: store(),
      key: "__Host-session",
      lifetime: { idle: DAY, absolute: 30 * DAY, ...(isTable && { renewEvery: HOUR }) },
      now: local.now,
    });
    const cookie = await signIn(sessions);
    const seen: unknown[] = [];
    for (let visit = 0; visit < 4; visit++) {
      local.pass(10 * HOUR);
      const page = await sessions.read({ cookie }, { activity: true });
      seen.push(page.get("user"));
      await new Promise(setImmediate); // The touch is not waited for.
    }
    expect(seen).toEqual(
      isTable ? ["ann", "ann", "ann", "ann"] : ["ann", "ann", undefined, undefined],
    );
  });

  it("L14: a page that is read shows a message without taking it, and refuses a write", async () => {
    const sessions = sessionsOver(store());
    const cookie = await signIn(sessions);
    for (let visit = 0; visit < 2; visit++) {
      const page = await sessions.read({ cookie }, { activity: true });
      expect(page.peek("n")).toBe(7);
      const committed = expect.objectContaining({ code: "ERR_SESSION_COMMITTED" });
      expect(() => page.flash("n")).toThrow(committed);
      expect(() => page.put("n", 1)).toThrow(committed);
    }
  });

  it("a message that was taken or replaced in this request is shown as it is now", async () => {
    const sessions = sessionsOver(store());
    const { session } = await sessions.open({ cookie: await signIn(sessions) });
    expect([session.peek("n"), session.flash("n"), session.peek("n")]).toEqual([7, 7, undefined]);
    expect(session.flash("n", 8).peek("n")).toBe(8);
    expect(session.flash("n")).toBe(8);
    expect(session.peek("n")).toBeUndefined();
  });
});

describe("sessions.open and sessions.read with onStoreError", () => {
  it("L2: where the option says so, a store that fails gives a session that refuses writes", async () => {
    const table = new AsyncTable(createTable());
    const sessions = sessionsOver(tableStore({ table }));
    const cookie = await signIn(sessions);
    for (const ask of ["read", "open"] as const) {
      table.breakNext("get", "rejects");
      const given = await sessions[ask]({ cookie }, { onStoreError: "anonymous" });
      const session = "commit" in given ? given.session : given;
      expect([session.available, session.get()]).toEqual([false, {}]);
      expect(() => session.put("n", 1)).toThrow();
    }
  });
});

describe("sessions.lend", () => {
  const page = (sessions: Sessions<Data>) => {
    const api = fetchSession(sessions, (request) => {
      sessions.updateSession(request, "n", (n = 0) => n + 1);
      return Response.json(sessions.getSession(request));
    });
    return fetchSession(sessions, async (request) => {
      sessions.putSession(request, "user", "ann");
      const inner = new Request("https://a.test/api", { headers: request.headers });
      sessions.lend(sessions.of(request), inner);
      const answer = await api(inner);
      expect(answer.headers.getSetCookie()).toEqual([]);
      return Response.json([await answer.json(), sessions.getSession(request)]);
    });
  };

  it.each(STORES)(
    "a page that asks its own application on a first visit makes one session, with %s",
    async (_, store) => {
      const sessions = sessionsOver(store());
      const answer = await page(sessions)(new Request("https://a.test/"));
      const data = { user: "ann", n: 1 };
      expect(await answer.json()).toEqual([data, data]);
      const [cookie, ...others] = answer.headers.getSetCookie();
      expect(others).toEqual([]);
      const read = await sessions.read({ cookie: cookie?.split(";")[0] });
      expect(read.get()).toEqual(data);
    },
  );

  it("an object that has a session of its own is refused, and so is a session of others", async () => {
    const sessions = sessionsOver(cookieStore({ secret: SECRET }));
    const { session } = await sessions.open({});
    const to = {};
    sessions.lend(session, to);
    sessions.lend(session, to);
    const other = await sessions.open({});
    const misuse = expect.objectContaining({ code: "ERR_SESSION_USE" });
    expect(() => sessions.lend(other.session, to)).toThrow(misuse);
    const stranger = await sessionsOver(cookieStore({ secret: SECRET })).open({});
    expect(() => sessions.lend(stranger.session, {})).toThrow(misuse);
    expect(() => sessions.lend({} as never, {})).toThrow(misuse);
  });

  it("an object that is frozen can borrow a session", async () => {
    const sessions = sessionsOver(cookieStore({ secret: SECRET }));
    const { session } = await sessions.open({});
    session.put("user", "ann");
    const event = Object.freeze({ headers: {} });
    sessions.lend(session, event);
    expect(sessions.getSession(event, "user")).toBe("ann");
  });
});
