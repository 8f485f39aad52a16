import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { configError } from "../../../src/core/errors.ts";
import { createSessions, hostSessionsOf } from "../../../src/core/sessions.ts";
import { readOptions } from "../../../src/core/options/read-options.ts";
import type { SessionOptions } from "../../../src/core/options/session-options.ts";
import type { AnySessions } from "../../../src/core/types.ts";
import { cookieStore } from "../../../src/stores/cookie/cookie-store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { SECRET } from "../../support/secrets.ts";

const store = cookieStore({ secret: SECRET });
const impossible = expect.objectContaining({ code: "ERR_SESSION_CONFIG" });

/** Set-up by an application without types. */
function setUp(options: Record<string, unknown>): AnySessions {
  return createSessions({ store, key: "session", ...options });
}

function messageOf(task: () => unknown): string {
  try {
    task();
  } catch (error) {
    return String(error);
  }
  throw new Error("nothing was thrown");
}

describe("L1: the set-up", () => {
  it("createSessions takes a store and a key, and fills the rest in", () => {
    expect(readOptions({ store, key: "session" }).cookieName).toBe("session");
  });

  it("createSessions takes undefined for every option but store and key, as environment variables give it", () => {
    const names = [
      "path",
      "domain",
      "secure",
      "httpOnly",
      "sameSite",
      "partitioned",
      "persist",
      "lifetime",
      "renewGrace",
      "subject",
      "now",
    ];
    const options = Object.fromEntries(names.map((name) => [name, undefined]));
    expect(() => setUp(options)).not.toThrow();
    expect(() => setUp({ lifetime: { idle: undefined, absolute: undefined } })).not.toThrow();
  });

  it.each([
    [0, "limit must be"],
    [1001, "limit must be"],
    ["3", "limit must be"],
    [{ refuse: true }, "limit needs max"],
    [{ max: 0 }, "limit.max must be"],
    [{ max: 3, refuse: "yes" }, "limit.refuse must be true or false"],
    [{ max: 3, reject: true }, '"reject"'],
  ])("createSessions refuses the limit %j, and says what it takes", (limit, said) => {
    const table = tableStore({ table: createTable() });
    const message = messageOf(() => setUp({ store: table, subject: "user", limit }));
    expect(message).toContain(said);
  });

  it("createSessions refuses a limit without a subject, and one of sealed cookies", () => {
    const limit = { max: 3, refuse: true };
    const table = tableStore({ table: createTable() });
    expect(() => setUp({ store: table, limit })).toThrow(impossible);
    expect(() => setUp({ subject: "user", limit })).toThrow(impossible);
    expect(() => setUp({ store: table, subject: "user", limit })).not.toThrow();
  });

  it.each([undefined, null, 1, "options", () => {}])(
    "createSessions refuses %j for options",
    (options) => {
      expect(() => createSessions(options as unknown as SessionOptions)).toThrow(impossible);
    },
  );

  it.each([
    ["no store", { store: undefined }],
    ["a store that was not made", { store: cookieStore }],
    ["a table for a store", { store: createTable() }],
    ["null for a store", { store: null }],
    ["no key", { key: undefined }],
    ["an empty environment variable for a key", { key: "" }],
    ["a key that is no cookie name", { key: "my session" }],
    ["a key that leaves no room for a value", { key: "k".repeat(4096) }],
    ["__Host- with a domain", { key: "__Host-s", domain: "example.com" }],
    ["__Host- with another path", { key: "__Host-s", path: "/app" }],
    ["__Host- without secure", { key: "__Host-s", secure: false }],
    ["SameSite=None without secure", { sameSite: "none", secure: false }],
    ["partitioned without secure", { partitioned: true, secure: false }],
    ["a path with a semicolon", { path: "/; HttpOnly" }],
    ["a domain with a line feed", { domain: "a\nb" }],
    ["a clock that is none", { now: 0 }],
    ["a negative grace", { renewGrace: -1 }],
    ["a subject that is no key", { subject: 1 }],
    ["a cacheControl that lets others keep a page", { cacheControl: "public" }],
    ["a cacheControl that is empty", { cacheControl: "" }],
    ["an idle time of 0", { lifetime: { idle: 0 } }],
    ["an idle time as text", { lifetime: { idle: "3600" } }],
    ["an endless idle time", { lifetime: { idle: Infinity } }],
    ["a lifetime that is not a number", { lifetime: { absolute: Number.NaN } }],
    [
      "a lifetime longer than a cookie can say",
      { lifetime: { absolute: Number.MAX_SAFE_INTEGER } },
    ],
    ["a number for a lifetime", { lifetime: 3600 }],
    ["a lifetime that does not exist", { lifetime: { maxAge: 3600 } }],
    ["a lifetime that is null", { lifetime: null }],
    ["a level that does not exist", { lifetime: "AAL4" }],
    ["a level that every object has", { lifetime: "constructor" }],
  ])("createSessions refuses %s", (_, options) => {
    expect(() => setUp(options)).toThrow(impossible);
  });

  it.each([
    [{ lifetime: { idle: 60 * 60 * 1000 } }, "seconds where these are milliseconds"],
    [{ lifetime: { idle: 7200, absolute: 3600 } }, "lifetime.absolute is 3600"],
    [{ lifetime: { absolute: 30 * 24 * 60 * 60 * 1000 * 2 } }, "a number of seconds from 1 to"],
    [
      { lifetime: { ttl: 60 } },
      'lifetime does not know the option "ttl"; it takes idle, absolute, longest, renewEvery and endUnpresented',
    ],
    [
      { lifetime: { absolute: 99, longest: 98 } },
      "lifetime.longest (98 seconds) is what one session may live at most: give lifetime.absolute (99) or more",
    ],
    [{ lifetime: "AAL4" }, 'AAL1, AAL2, AAL3; got "AAL4"'],
    [{ lifetime: { renewEvery: "60" } }, "lifetime.renewEvery must be a number of seconds"],
    [{ lifetime: { renewEvery: 0 } }, "lifetime.renewEvery must be a number of seconds"],
    [{ lifetime: { idle: 60, absolute: 99, renewEvery: 99 } }, "lifetime.absolute (99), got 99"],
    [
      { lifetime: { renewEvery: 10 } },
      "between renewGrace (10 seconds) and lifetime.absolute (2592000)",
    ],
    [{ lifetime: { renewEvery: 60 }, renewGrace: 0 }, "needs a renewGrace of 1 second or more"],
    [{ lifetime: { endUnpresented: true } }, "give lifetime.renewEvery"],
    [
      { lifetime: { renewEvery: 60, endUnpresented: 1 } },
      "lifetime.endUnpresented must be true or false, got ",
    ],
  ])("the error about %j says what to do", (options, help) => {
    const store = tableStore({ table: createTable() });
    expect(() => setUp({ store, ...options })).toThrow(impossible);
    expect(messageOf(() => setUp({ store, ...options }))).toContain(help);
  });

  it.each([
    ["maxAge", "lifetime"],
    ["expires", "lifetime"],
    ["ttl", "lifetime"],
    ["name", "key"],
    ["cookieName", "key"],
    ["secret", "cookieStore"],
    ["password", "cookieStore"],
    ["keys", "cookieStore"],
    ["cookie", "sameSite"],
    ["table", "tableStore"],
    ["resave", "nothing"],
    ["saveUninitialized", "nothing"],
    ["rolling", "nothing"],
    ["nonsense", "lifetime"],
    ["constructor", "lifetime"],
    ["__proto__", "lifetime"],
  ])("createSessions refuses the option %s and names %s, our word for it", (option, word) => {
    const options = Object.fromEntries([[option, undefined]]);
    expect(() => setUp(options)).toThrow(impossible);
    expect(messageOf(() => setUp(options))).toContain(word);
  });

  it("createSessions draws no randomness, calls no table, and reads a given clock once to see that it is one", () => {
    let reads = 0;
    const now = (): number => {
      reads += 1;
      return 1;
    };
    const table = { ...createTable() } as Record<string, unknown>;
    for (const verb of ["get", "insert", "replace", "touch", "delete", "sweep"]) {
      table[verb] = () => {
        throw new Error("the table was called");
      };
    }
    const quiet = tableStore({ table: table as unknown as ReturnType<typeof createTable> });
    expect(() => setUp({ store: quiet, now })).not.toThrow();
    expect(reads).toBeLessThanOrEqual(1);
  });

  it.each([
    ["a date", () => new Date()],
    ["NaN", () => Number.NaN],
    ["nothing", () => undefined],
    ["text", () => "1700000000000"],
    ["a bigint", () => 1n],
    ["Infinity", () => Number.POSITIVE_INFINITY],
    ["a negative number", () => -1],
  ])("createSessions refuses a clock that gives %s", (_, now) => {
    expect(() => setUp({ now })).toThrow(impossible);
    expect(() => setUp({ now })).toThrow(/now must give milliseconds/);
  });

  it("createSessions gives what a host's session(...) takes, and nothing else is taken", () => {
    for (const other of [{}, { ...setUp({}) }, undefined, store]) {
      expect(() => hostSessionsOf(other as AnySessions)).toThrow(impossible);
    }
  });

  it("no error and no result shows a secret", () => {
    const text = inspect([setUp({}), store], { depth: 9, showHidden: true });
    expect(text).not.toContain(SECRET);
    expect(messageOf(() => cookieStore({ secret: [SECRET, SECRET] }))).not.toContain(SECRET);
    expect(messageOf(() => setUp({ secret: SECRET }))).not.toContain(SECRET);
  });
});

describe("L1: a configuration error", () => {
  it("the error is a SessionError with a code", () => {
    expect(configError("x")).toMatchObject({ name: "SessionError", code: "ERR_SESSION_CONFIG" });
  });
});
