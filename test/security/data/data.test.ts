/** Stored data is data: what it is called, how deep it is and what it says to be does nothing. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { decode, encode } from "../../../src/core/data/codec.ts";
import { storable } from "../../support/arbitraries.ts";
import { canonical } from "../../support/canonical.ts";
import { LeakScanner } from "../../support/leaks.ts";
import { visit } from "../../support/visit.ts";
import { incident, row } from "../support/row.ts";
import { everyStore, everyTable } from "../support/stores.ts";
import { World, cookieOf, handleOf } from "../support/world.ts";

/** Names that mean something to JavaScript's objects. */
const NAMES = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "valueOf",
  "hasOwnProperty",
  "toJSON",
  "then",
  "__defineGetter__",
] as const;

const clean = (): void => {
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
};

row("S26", () => {
  everyStore((open) => {
    test("names that JavaScript's objects have are keys like any other, also deep inside", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const browser = world.browser(sessions);
      const deep: unknown = JSON.parse(
        '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
      );
      await browser.visit((conn) => {
        for (const name of NAMES) sessions.putSession(conn, name, { name, polluted: true });
        sessions.putSession(conn, "deep", deep);
      });
      const { read } = await world.read(world.sessions(), browser.jar.header);
      for (const name of NAMES) {
        expect(Object.getOwnPropertyDescriptor(read, name)?.value).toEqual({
          name,
          polluted: true,
        });
      }
      expect(canonical(read["deep"])).toBe(canonical(deep));
      clean();
    });

    test("absent names read as nothing, not as what all objects have", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const browser = await world.signedIn("alice", sessions);
      await browser.visit((conn) => {
        for (const name of NAMES) expect(sessions.getSession(conn, name)).toBeUndefined();
      });
    });

    test.each<readonly [what: string, make: () => unknown]>([
      ["100,000 levels", () => nested(100_000)],
      ["a circle", () => circle()],
      ["a function", () => () => {}],
      ["an instance of a class", () => new URL("http://localhost")],
      ["a promise", () => Promise.resolve(1)],
      ["an accessor that throws", () => ({ get: new Proxy({}, { ownKeys: () => fail() }) })],
    ])("%s is refused at put, and the session lives on", async (_what, make) => {
      const world = new World(await open());
      const sessions = world.sessions();
      const browser = await world.signedIn("alice", sessions);
      await browser.visit((conn) => {
        expect(() => sessions.putSession(conn, "x", make())).toThrow();
      });
      const { read } = await world.read(sessions, browser.jar.header);
      expect(Object.keys(read)).toEqual(["user", "canary"]);
    });

    test("odd values come back as they were", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const browser = world.browser(sessions);
      const odd = {
        big: 2n ** 80n,
        date: new Date(Date.UTC(2040, 1, 29)),
        map: new Map<unknown, unknown>([["__proto__", { polluted: 1 }]]),
        set: new Set([Number.NaN, -0]),
        lone: "\ud800 and \udfff",
        nul: "a\0b",
        bytes: new Uint8Array([0, 255]),
      };
      await browser.visit((conn) => sessions.putSession(conn, "odd", odd));
      const { read } = await world.read(world.sessions(), browser.jar.header);
      expect(canonical(read["odd"])).toBe(canonical(odd));
      clean();
    });
  });

  test("any value that can be stored is read as it was, and reading pollutes nothing", () => {
    fc.assert(
      fc.property(storable(), (value) => {
        expect(canonical(decode(encode(value)))).toBe(canonical(value));
      }),
      { numRuns: 500 },
    );
    clean();
  });
});

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = [value];
  return value;
}

function circle(): unknown {
  const value: Record<string, unknown> = {};
  value["self"] = value;
  return value;
}

function fail(): never {
  throw new Error("not to be asked");
}

/** Replaces the data of a session's row by text of an attacker who may write to the table. */
async function plant(
  world: World,
  cookie: string,
  change: (value: string) => string,
): Promise<void> {
  const { table } = world.place;
  const handle = handleOf(cookie);
  const row = await table?.get(handle);
  if (!table || !row) throw new Error("there is no row to change");
  const value = change(row.value);
  expect(value).not.toBe(row.value);
  await table.replace(handle, row.version, { ...row, value, version: 1 }, world.time.now());
}

/** The row's own text with other data in it. */
const withData =
  (json: string) =>
  (value: string): string =>
    value.replace(/"data":\{[^}]*\}/, () => `"data":${json}`);

incident("CVE-2017-1000053", () => {
  everyTable((open) => {
    test.each([
      [
        '{"user":{"_$$ND_FUNC$$_":"function(){process.exit(1)}()"}}',
        "a function of node-serialize",
      ],
      ['{"user":{"__js_function":"() => process.exit(1)"}}', "a function of funcster"],
      ['{"user":"!!js/function \'process.exit(1)\'"}', "a function of js-yaml"],
    ])("%s in a row is only data", async (json) => {
      const world = new World(await open());
      const cookie = cookieOf(await world.signedIn());
      await plant(world, cookie, withData(json));
      const { read } = await world.read(world.sessions(), `sid=${cookie}`);
      expect(read).toEqual(JSON.parse(json));
    });
  });
});

incident("CVE-2020-9484", () => {
  everyTable((open) => {
    test.each([
      ["a type that is not known", '~[["Evil",1],"x"]'],
      ["a reference to nowhere", "~[[1,2,3],99]"],
      ["a class", '~[["Buffer",1],"x"]'],
      ["a regular expression of another kind", '~[["RegExp","(a+)+$"]]'],
      ["no JSON", "{{{{"],
      ["nothing", ""],
      ["another version", '9{"data":{"user":"admin"}}'],
    ])("a row with %s is refused with an event, and left as it is", async (_what, text) => {
      const world = new World(await open());
      const cookie = cookieOf(await world.signedIn());
      const value = text.startsWith("9") ? text : `1${text}`;
      await plant(world, cookie, () => value);
      const { read, refused } = await world.write(world.sessions(), `sid=${cookie}`);
      expect([read, refused]).toEqual([{}, ["unknown-format"]]);
      expect((await world.place.table?.get(handleOf(cookie)))?.value).toBe(value);
    });
  });
});

incident("CVE-2023-26136", () => {
  everyTable((open) => {
    test("__proto__ in a row, as a key of the data, of a message or of an attribute, pollutes nothing", async () => {
      const world = new World(await open());
      const cookie = cookieOf(await world.signedIn());
      const evil = '{"__proto__":{"polluted":true,"isAdmin":true}}';
      await plant(world, cookie, (value) =>
        withData(evil)(value).replace(
          /\}$/,
          `,"flash":${evil},"sent":${evil},"__proto__":${evil}}`,
        ),
      );
      const { read } = await world.read(world.sessions(), `sid=${cookie}`);
      expect(Object.getOwnPropertyNames(read)).toEqual(["__proto__"]);
      expect(read["isAdmin"]).toBeUndefined();
      clean();
    });
  });

  everyStore((open) => {
    test("the cookie shows nothing of the data", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const { setCookie = "" } = await visit(sessions, undefined, (conn) =>
        sessions.putSession(conn, "__proto__", world.canary),
      );
      const scanner = new LeakScanner();
      scanner.confide(world.canary);
      scanner.hear("the cookie", setCookie);
      scanner.hear("its bytes", Buffer.from(setCookie.slice(4), "base64url").toString("latin1"));
      expect(scanner.found()).toEqual([]);
    });
  });
});
