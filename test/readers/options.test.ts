import { describe, expect, it } from "vitest";
import { createSessions } from "../../src/core/sessions.ts";
import type { AdoptOptions } from "../../src/core/options/adopt.ts";
import {
  cookieSession,
  expressSession,
  fastifySecureSession,
  fastifySession,
  h3Session,
  ironSession,
  koaSession,
  reactRouterSession,
} from "../../src/readers/index.ts";
import { tableStore } from "../../src/stores/table/table-store.ts";
import { createTable } from "../../src/tables/named-tables.ts";
import { OLD_SECRET, SECRET } from "../support/secrets.ts";

const store = { get: () => undefined, destroy: () => undefined };
const reader = cookieSession({ keys: OLD_SECRET });

function withAdopt(adopt: unknown): () => unknown {
  return () =>
    createSessions({
      store: tableStore({ table: createTable() }),
      key: "__Host-session",
      adopt: adopt as AdoptOptions,
    });
}

const GOOD = { secret: SECRET, until: new Date(Date.now() + 60_000), from: [reader] };

describe("L1: the option adopt", () => {
  it("an option that can work is accepted", () => {
    expect(withAdopt(GOOD)).not.toThrow();
  });

  it.each([
    [null, /adopt must be/],
    [{ ...GOOD, secret: undefined }, /adopt\.secret must be one text/],
    [{ ...GOOD, secret: [SECRET] }, /adopt\.secret must be one text.*a list/],
    [{ ...GOOD, secret: "short" }, /adopt\.secret must be 32 bytes or more/],
    [{ ...GOOD, until: "2027-02-01" }, /adopt\.until must be a valid Date/],
    [{ ...GOOD, until: undefined }, /adopt\.until must be a valid Date/],
    [{ ...GOOD, from: [] }, /adopt\.from must be a list of readers/],
    [{ ...GOOD, from: [{}] }, /adopt\.from must be a list of readers/],
    [{ ...GOOD, map: {} }, /adopt\.map must be a function/],
    [{ ...GOOD, readers: [reader] }, /from: a list of readers/],
    [
      { ...GOOD, from: [cookieSession({ name: "__Host-session", keys: OLD_SECRET })] },
      /give key another name/,
    ],
  ])("an option that cannot work is refused: case %#", (adopt, message) => {
    expect(withAdopt(adopt)).toThrow(message);
  });

  it("the message of a wrong secret does not show it", () => {
    expect(withAdopt({ ...GOOD, secret: "hunter2" })).not.toThrow(/hunter2/);
  });
});

describe("L1: a reader", () => {
  it.each([
    ["expressSession", () => expressSession({ secret: undefined, store }), /secret/],
    ["expressSession", () => expressSession({ secret: "s", store: {} as typeof store }), /store/],
    ["fastifySession", () => fastifySession({ secret: [], store }), /secret/],
    ["cookieSession", () => cookieSession({ keys: [undefined] }), /keys/],
    ["koaSession", () => koaSession({ keys: undefined }), /keys/],
    ["reactRouterSession", () => reactRouterSession({ secrets: [] }), /secrets/],
    ["ironSession", () => ironSession({ name: "sid", password: undefined }), /password/],
    ["ironSession", () => ironSession({ name: "", password: "p" }), /name/],
    ["h3Session", () => h3Session({ password: undefined }), /password/],
    ["fastifySecureSession", () => fastifySecureSession({ key: "AAAA", open: () => null }), /key/],
  ] as const)("%s is refused without what it needs: case %#", (name, make, message) => {
    expect(make).toThrow(message);
    expect(make).toThrow(name);
  });

  it("a library that opens boxes is named where it is missing", () => {
    const key = Buffer.alloc(32, 1);
    expect(() => fastifySecureSession({ key, open: undefined as never })).toThrow(
      /@noble\/ciphers/,
    );
  });

  it.each([
    "",
    "s:",
    "s%3Aabc.def",
    "%E0%A4%A",
    "Fe26.2*1*a*b*c*9e99*d*e",
    "Fe26.2*******",
    "__chunked__99",
    "__chunked__-1",
    ";",
    "AAAA;AAAA",
    "eyJhIjoxfQ.x",
    "\u0000",
  ])("a cookie that no library has made is nobody's: case %#", async (value) => {
    const readers = [
      expressSession({ secret: OLD_SECRET, store }),
      fastifySession({ secret: OLD_SECRET, store }),
      cookieSession({ name: "n", keys: OLD_SECRET }),
      koaSession({ name: "n", keys: OLD_SECRET }),
      reactRouterSession({ name: "n", secrets: OLD_SECRET }),
      ironSession({ name: "n", password: OLD_SECRET }),
      h3Session({ name: "n", password: OLD_SECRET }),
      fastifySecureSession({ name: "n", key: Buffer.alloc(32, 1), open: () => null }),
    ];
    const names = ["n", "n.sig", "n.0", "n.1", "connect.sid", "sessionId"];
    const cookies = new Map(names.map((name) => [name, value]));
    for (const each of readers) expect(await each.read(cookies, Date.now())).toBe(undefined);
  });
});
