import { inspect } from "node:util";
import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { createSessions } from "../../../src/core/sessions.ts";
import type { StandardSchemaV1, Validated } from "../../../src/core/data/standard-schema.ts";
import type { AnySessions, Conn } from "../../../src/core/types.ts";
import { cookieStore } from "../../../src/stores/cookie/cookie-store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { Browser } from "../../support/browser.ts";
import { clock } from "../../support/clock.ts";
import { commits } from "../../support/events.ts";
import { SECRET } from "../../support/secrets.ts";
import { STORES, TABLES } from "../../support/stores.ts";
import { visit } from "../../support/visit.ts";

const { now } = clock();
const impossible = expect.objectContaining({ code: "ERR_SESSION_CONFIG" });
const misfit = expect.objectContaining({ code: "ERR_SESSION_SCHEMA" });

/** Set-up by an application without types. */
function setUp(options: Record<string, unknown>): AnySessions {
  return createSessions({ store: cookieStore({ secret: SECRET }), key: "session", ...options });
}

/** A schema of nobody's: the validator is the test. */
function handMade<T>(validate: (value: unknown) => Validated<T>): StandardSchemaV1<unknown, T> {
  return { "~standard": { version: 1, vendor: "test", validate } };
}

/** One request without cookies, whose handler is the test. */
const within = async <T>(sessions: AnySessions, handler: (conn: Conn) => T): Promise<Awaited<T>> =>
  (await visit<T>(sessions, undefined, handler)).result;

function errorOf(task: () => unknown): unknown {
  try {
    task();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

/** The same data, as each of the libraries describes it. */
const LIBRARIES = [
  [
    "zod",
    {
      user: z.string().trim().min(1),
      cart: z.array(z.object({ sku: z.string(), count: z.number().default(1) })),
      seen: z.date(),
    },
  ],
  [
    "valibot",
    {
      user: v.pipe(v.string(), v.trim(), v.minLength(1)),
      cart: v.array(v.object({ sku: v.string(), count: v.optional(v.number(), 1) })),
      seen: v.date(),
    },
  ],
  [
    "arktype",
    {
      user: type("string.trim").to("string > 0"),
      cart: type({ sku: "string", count: "number = 1" }).array(),
      seen: type("Date"),
    },
  ],
] as const;

describe.each(LIBRARIES)("a schema of %s", (_, schema) => {
  const sessions = setUp({ schema, now });
  const put = (key: string, value: unknown): Promise<unknown> =>
    within(sessions, (conn) => {
      sessions.putSession(conn, key, value);
      return sessions.getSession(conn, key) as unknown;
    });

  it("the schema lets in a value that fits", async () => {
    const seen = new Date(0);
    expect(await put("seen", seen)).toEqual(seen);
    expect(await put("cart", [{ sku: "a", count: 2 }])).toEqual([{ sku: "a", count: 2 }]);
  });

  it("the schema refuses a value that does not fit at once, and names the place", async () => {
    await expect(put("user", 1)).rejects.toThrow(misfit);
    await expect(put("user", "  ")).rejects.toThrow(misfit);
    await expect(put("seen", "yesterday")).rejects.toThrow(misfit);
    await expect(put("cart", [{ sku: "a" }, { sku: 2 }])).rejects.toThrow(/"cart\[1\]\.sku"/);
  });

  it("the session stores what the schema makes of the value", async () => {
    expect(await put("user", " ann ")).toBe("ann");
    expect(await put("cart", [{ sku: "a" }])).toEqual([{ sku: "a", count: 1 }]);
    const browser = new Browser(sessions, now);
    await browser.visit((conn) => sessions.putSession(conn, "user", " ann "));
    const { result } = await browser.visit((conn) => sessions.getSession(conn));
    expect(result).toEqual({ user: "ann" });
  });
});

describe("a put that a schema checks", () => {
  const schema = { user: z.string(), cart: z.array(z.string()) };

  it("the value is copied, and so is what the schema makes of it", async () => {
    const shared = ["from the schema"];
    const sessions = setUp({ schema: { list: handMade(() => ({ value: shared })) } });
    await within(sessions, (conn) => {
      sessions.putSession(conn, "list", ["given"]);
      expect(sessions.getSession(conn, "list")).toEqual(shared);
      shared.push("later");
      expect(sessions.getSession(conn, "list")).toEqual(["from the schema"]);
      expect(Object.isFrozen(shared)).toBe(false);
    });
  });

  it("the key must be one that the schema names", async () => {
    const sessions = setUp({ schema });
    await within(sessions, (conn) => {
      for (const key of ["User", "toString", "__proto__", ""]) {
        expect(() => sessions.putSession(conn, key, "ann")).toThrow(misfit);
        expect(() => sessions.updateSession(conn, key, () => "ann")).toThrow(misfit);
        expect(() => sessions.of(conn).flash(key, "ann")).toThrow(misfit);
      }
      expect(() => sessions.putSession(conn, "User", "ann")).toThrow(/names user, cart/);
      expect(sessions.deleteSession(conn, "User")).toBeUndefined();
      expect(sessions.getSession(conn)).toEqual({});
    });
  });

  it("the value must be storable, before and after the schema", async () => {
    const unstorable = expect.objectContaining({ code: "ERR_SESSION_NOT_SERIALIZABLE" });
    const sessions = setUp({
      schema: { any: z.any(), url: handMade(() => ({ value: new URL("https://example.com") })) },
    });
    await within(sessions, (conn) => {
      expect(() => sessions.putSession(conn, "any", () => 1)).toThrow(unstorable);
      expect(() => sessions.putSession(conn, "url", "https://example.com")).toThrow(unstorable);
    });
  });

  it("the error holds no trace of the refused value", async () => {
    const canary = "canary-71c0b8";
    const quoting = handMade(() => ({
      issues: [{ message: `got ${canary}`, path: ["a", { key: 0 }, { key: Symbol(canary) }] }],
    }));
    const sessions = setUp({
      schema: { ...schema, size: z.literal(["s", "m"]), own: type("'a' | 'b'"), quoting },
    });
    await within(sessions, (conn) => {
      for (const key of ["cart", "size", "own", "quoting"]) {
        const error = errorOf(() => sessions.putSession(conn, key, canary));
        expect(error).toEqual(misfit);
        expect(inspect(error, { showHidden: true, depth: null })).not.toContain(canary);
      }
      expect(() => sessions.putSession(conn, "quoting", 1)).toThrow(/"quoting\.a\[0\]\.\(key\)"/);
    });
  });

  it("the error names three places at most, and each once", async () => {
    const twice = handMade(() => ({
      issues: ["a", "a", "b", "c", "d", "e"].map((step) => ({ message: "", path: [step] })),
    }));
    const sessions = setUp({ schema: { twice } });
    await within(sessions, (conn) => {
      expect(() => sessions.putSession(conn, "twice", {})).toThrow(
        /"twice\.a", "twice\.b", "twice\.c" and 2 more/,
      );
    });
  });

  it("the value is refused if the schema would refuse or change it again when it is read", async () => {
    const sessions = setUp({
      schema: {
        count: z.string().transform(Number),
        shout: z.string().transform((text) => `${text}!`),
        trimmed: z.string().trim(),
        day: z.coerce.date(),
      },
    });
    await within(sessions, (conn) => {
      expect(() => sessions.putSession(conn, "count", "12")).toThrow(impossible);
      expect(() => sessions.putSession(conn, "shout", "a")).toThrow(impossible);
      expect(() => sessions.putSession(conn, "shout", "a")).toThrow(/transform before put/);
      sessions.putSession(conn, "trimmed", " a ");
      sessions.putSession(conn, "day", "2040-01-01");
      expect(sessions.getSession(conn)).toEqual({
        trimmed: "a",
        day: new Date(Date.UTC(2040, 0, 1)),
      });
    });
  });
});

describe("an update that a schema checks", () => {
  const sessions = setUp({ schema: { count: z.number().max(2) }, now });

  it("the schema checks what the function gives, each time", async () => {
    await within(sessions, (conn) => {
      const add = (): unknown =>
        sessions.updateSession(conn, "count", (count = 0) => (count as number) + 1);
      add();
      add();
      expect(add).toThrow(misfit);
      expect(sessions.getSession(conn, "count")).toBe(2);
      sessions.updateSession(conn, "count", () => undefined);
      expect(sessions.getSession(conn)).toEqual({});
    });
  });

  it.each(TABLES)(
    "nothing is written if only the replay does not fit, with %s",
    async (_n, make) => {
      const own = setUp({
        store: tableStore({ table: make() }),
        schema: { count: z.number().max(2), note: z.string() },
        now,
      });
      const browser = new Browser(own, now);
      const add = (conn: Conn): void =>
        own.updateSession(conn, "count", (count = 0) => (count as number) + 1);
      await browser.visit(add);

      const late = await browser.begin();
      late.run((conn) => {
        add(conn);
        own.putSession(conn, "note", "late");
      });
      await browser.visit(add);
      await expect(browser.receive(late)).rejects.toThrow(misfit);
      expect(commits(late.events)).toEqual([]);
      const { result } = await browser.visit((conn) => own.getSession(conn));
      expect(result).toEqual({ count: 2 });
    },
  );
});

describe.each(STORES)("messages that a schema checks, with %s", (_, make) => {
  const store = make();
  const schema = { note: z.string().trim(), none: z.string().default("from nobody") };
  const typed = setUp({ store, schema, now });

  it("a message is checked like data when it is left", async () => {
    const browser = new Browser(typed, now);
    await browser.visit((conn) => {
      expect(() => typed.of(conn).flash("note", 1)).toThrow(misfit);
      typed.of(conn).flash("note", " saved ");
    });
    const { result } = await browser.visit((conn) => typed.of(conn).flash("note"));
    expect(result).toBe("saved");
  });

  it("a message that does not fit any more is taken unseen, and the session stays", async () => {
    const untyped = setUp({ store, now });
    const browser = new Browser(untyped, now);
    await browser.visit((conn) => untyped.of(conn).flash("note", 1).flash("other", "x"));
    const read = await visit(typed, browser.jar.header, (conn) => [
      typed.of(conn).flash("note"),
      typed.of(conn).flash("other"),
      typed.of(conn).flash("none"),
    ]);
    browser.jar.take(read.headers.getSetCookie());
    expect(read.result).toEqual([undefined, undefined, undefined]);
    expect(commits(read.events)).toEqual(["write"]);
    const { result } = await browser.visit((conn) => untyped.of(conn).flash("note"));
    expect(result).toBeUndefined();
  });
});

describe("the set-up with a schema", () => {
  it.each([
    ["a schema for all data", z.object({ user: z.string() }), /shape/],
    ["an arktype for all data", type({ user: "string" }), /per data key/],
    ["a list", [z.string()], /a list/],
    ["null", null, /null/],
    ["text", "user", /"user"/],
    ["nothing at all", {}, /no data key/],
    ["a constructor for a schema", { user: String }, /schema\.user .*a function/],
    ["text for a schema", { user: "string" }, /schema\.user .*"string"/],
    ["undefined for a schema", { user: undefined }, /schema\.user .*undefined/],
    [
      "another version of the standard",
      { user: { "~standard": { version: 2, vendor: "x", validate: () => ({ value: 1 }) } } },
      /version 2/,
    ],
    ["a schema without a validator", { user: { "~standard": { version: 1 } } }, /schema\.user/],
    ["an empty standard", { user: { "~standard": null } }, /schema\.user/],
  ])("createSessions refuses %s, and says what it found", (_, schema, words) => {
    expect(() => setUp({ schema })).toThrow(impossible);
    expect(() => setUp({ schema })).toThrow(words);
  });

  it("createSessions takes what zod and valibot call the parts of an object", async () => {
    const sessions = setUp({ schema: z.object({ user: z.string() }).shape });
    await within(sessions, (conn) => {
      expect(() => sessions.putSession(conn, "user", 1)).toThrow(misfit);
    });
    expect(() => setUp({ schema: v.object({ user: v.string() }).entries })).not.toThrow();
  });

  it("createSessions refuses a subject that the schema does not name", () => {
    const schema = { user: z.string() };
    expect(() => setUp({ schema, subject: "user_id" })).toThrow(impossible);
    expect(() => setUp({ schema, subject: "user" })).not.toThrow();
  });

  it("createSessions refuses a migrate that is none, or has no schema to migrate to", () => {
    expect(() => setUp({ schema: { user: z.string() }, migrate: {} })).toThrow(impossible);
    expect(() => setUp({ migrate: () => ({}) })).toThrow(/needs the option schema/);
  });
});

describe("an asynchronous schema", () => {
  it("createSessions refuses the schema if it shows that it is asynchronous", () => {
    const schema = {
      user: v.pipeAsync(
        v.string(),
        v.checkAsync(async () => true),
      ),
    };
    expect(() => setUp({ schema })).toThrow(impossible);
    expect(() => setUp({ schema })).toThrow(/schema\.user gave a promise.*synchronous/);
  });

  it("put refuses the value if the schema only shows it then, and stores nothing", async () => {
    const sessions = setUp({ schema: { user: z.string().refine(async () => true) } });
    await within(sessions, (conn) => {
      expect(() => sessions.putSession(conn, "user", "ann")).toThrow(impossible);
      expect(() => sessions.putSession(conn, "user", "ann")).toThrow(/synchronous/);
      expect(sessions.getSession(conn)).toEqual({});
    });
  });

  it("a check of zod that throws looks asynchronous, and the message says so", () => {
    const schema = { list: z.custom<string[]>((list) => (list as string[]).length > 0) };
    expect(() => setUp({ schema })).toThrow(/must not throw/);
  });

  it("a check that throws in another library is not mistaken for an asynchronous one", () => {
    const cause = new Error("broken");
    const schema = {
      list: handMade(() => {
        throw cause;
      }),
    };
    expect(errorOf(() => setUp({ schema }))).toMatchObject({ code: "ERR_SESSION_CONFIG", cause });
  });
});

describe("sessions without a schema", () => {
  it("any value that can be stored is taken, under any key", async () => {
    const sessions = setUp({ store: tableStore({ table: createTable() }), schema: undefined });
    const data = await within(sessions, (conn) => {
      sessions.putSession(conn, "anything", [new Date(0)]);
      return sessions.getSession(conn);
    });
    expect(data).toEqual({ anything: [new Date(0)] });
  });
});
