/** The Set-Cookie that is sent: its attributes, its name, its size. */
import { expect, test } from "vitest";
import { createSessions } from "../../../src/core/sessions.ts";
import type { SessionOptions } from "../../../src/core/options/session-options.ts";
import { cookieStore } from "../../../src/stores/cookie/cookie-store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { SECRET } from "../../support/secrets.ts";
import { visit } from "../../support/visit.ts";
import { incident, row } from "../support/row.ts";
import { everyStore } from "../support/stores.ts";
import { World } from "../support/world.ts";
import type { Data } from "../support/world.ts";

type Options = Partial<Omit<SessionOptions<Data>, "store">>;

const config = expect.objectContaining({ code: "ERR_SESSION_CONFIG" });
const misuse = expect.objectContaining({ code: "ERR_SESSION_USE" });

function setUp(options: Options): ReturnType<typeof createSessions<Data>> {
  return createSessions<Data>({ store: cookieStore({ secret: SECRET }), key: "sid", ...options });
}

/** What a log-in and a log-out send under some options. */
async function sentBy(options: Options): Promise<readonly [logIn: string, logOut: string]> {
  const store = tableStore({ table: createTable() });
  const sessions = createSessions<Data>({ store, key: "sid", ...options });
  const { setCookie = "" } = await visit(sessions, undefined, (conn) =>
    sessions.putSession(conn, "user", "alice"),
  );
  const out = await visit(sessions, setCookie.split(";")[0], (conn) => sessions.dropSession(conn));
  return [setCookie, out.setCookie ?? ""];
}

/** The attributes without value or with it, in lower case, but for those that clear. */
function attributesOf(setCookie: string): readonly string[] {
  return setCookie
    .split(/; ?/)
    .slice(1)
    .map((each) => each.toLowerCase())
    .filter((each) => !/^(?:max-age|expires)=/.test(each))
    .toSorted();
}

row("S8", () => {
  everyStore((open) => {
    test("a cookie has Secure, HttpOnly, SameSite=Lax and Path=/ and no Domain by default", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const { setCookie = "" } = await visit(sessions, undefined, (conn) =>
        sessions.putSession(conn, "user", "alice"),
      );
      expect(attributesOf(setCookie)).toEqual(["httponly", "path=/", "samesite=lax", "secure"]);
    });
  });

  const all = [true, false].flatMap((secure) =>
    [true, false].flatMap((partitioned) =>
      (["strict", "lax", "none"] as const).map((sameSite) => ({ secure, partitioned, sameSite })),
    ),
  );
  test.each(all)(
    "a cookie has the attributes that %o says, or the set-up refuses them",
    async (options) => {
      const { secure, partitioned, sameSite } = options;
      if (!secure && (partitioned || sameSite === "none")) {
        expect(() => setUp(options)).toThrow(config);
        return;
      }
      const [logIn, logOut] = await sentBy(options);
      for (const sent of [logIn, logOut]) {
        const attributes = attributesOf(sent);
        expect(attributes.includes("secure")).toBe(secure);
        expect(attributes.includes("partitioned")).toBe(partitioned);
        expect(attributes).toContain(`samesite=${sameSite}`);
      }
    },
  );

  test("a request cannot configure what set-up would refuse", async () => {
    const sessions = setUp({ secure: false });
    await visit(sessions, undefined, (conn) => {
      expect(() => sessions.configureSession(conn, "sameSite", "none")).toThrow(misuse);
      expect(() => sessions.configureSession(conn, "partitioned", true)).toThrow(misuse);
    });
  });
});

row("S9", () => {
  const wrong: readonly (readonly [key: string, options: Options])[] = [
    ["__Host-sid", { secure: false }],
    ["__Host-sid", { path: "/app" }],
    ["__Host-sid", { domain: "example.com" }],
    ["__Secure-sid", { secure: false }],
    ["__Http-sid", { httpOnly: false }],
    ["__Host-Http-sid", { httpOnly: false }],
    ["__Host-Http-sid", { path: "/app" }],
    ["__HOST-sid", { domain: "example.com" }],
    ["__secure-sid", { secure: false }],
  ];
  test.each(wrong)("the cookie name %s with %o is refused at set-up", (key, options) => {
    expect(() => setUp({ key, ...options })).toThrow(config);
  });

  test.each(["__Host-sid", "__Secure-sid", "__Http-sid", "__Host-Http-sid"])(
    "a cookie called %s is kept and cleared with the attributes that its name promises",
    async (key) => {
      const [logIn, logOut] = await sentBy({ key });
      expect(attributesOf(logOut)).toEqual(attributesOf(logIn));
      expect(attributesOf(logOut)).toContain("secure");
      expect(logOut.startsWith(`${key}=; Max-Age=0;`)).toBe(true);
    },
  );

  test("a request cannot configure away what the name promises", async () => {
    const sessions = setUp({ key: "__Host-sid" });
    await visit(sessions, undefined, (conn) => {
      expect(() => sessions.configureSession(conn, "domain", "example.com")).toThrow(misuse);
      expect(() => sessions.configureSession(conn, "path", "/app")).toThrow(misuse);
      expect(() => sessions.configureSession(conn, "secure", false)).toThrow(misuse);
    });
  });

  test("a cookie that was configured for one session is cleared with those attributes", async () => {
    const table = createTable();
    const sessions = createSessions<Data>({ store: tableStore({ table }), key: "sid" });
    const { setCookie = "" } = await visit(sessions, undefined, (conn) => {
      sessions.configureSession(conn, "path", "/app");
      sessions.configureSession(conn, "domain", "example.com");
      sessions.putSession(conn, "user", "alice");
    });
    const header = setCookie.split(";")[0];
    const out = await visit(sessions, header, (conn) => sessions.dropSession(conn));
    expect(attributesOf(out.setCookie ?? "")).toEqual(attributesOf(setCookie));
    expect(attributesOf(setCookie)).toContain("path=/app");
  });
});

/** Everything that ends an attribute, a header or a name, or is not ASCII. */
const ENDS = [";", "\r\n", "\n", "\r", "\0", "\u007f", "\u0085", "\u2028", "é", "\ud83d"];

row("S27", () => {
  test.each(ENDS)(
    "%j is refused in name, path and domain, at set-up and in a request",
    async (end) => {
      const value = `a${end}Set-Cookie: admin=1`;
      expect(() => setUp({ key: value })).toThrow(config);
      expect(() => setUp({ path: `/${value}` })).toThrow(config);
      expect(() => setUp({ domain: value })).toThrow(config);
      const sessions = setUp({});
      await visit(sessions, undefined, (conn) => {
        expect(() => sessions.configureSession(conn, "path", `/${value}`)).toThrow(misuse);
        expect(() => sessions.configureSession(conn, "domain", value)).toThrow(misuse);
      });
    },
  );

  test.each([" ", ",", "=", '"', "\t", "(", "[", "/", "@", "\\", "{"])(
    "the character %j is refused in a name",
    (character) => {
      expect(() => setUp({ key: `si${character}d` })).toThrow(config);
    },
  );
});

incident("CVE-2018-1000883", () => {
  everyStore((open) => {
    test("line breaks in data never reach a header", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const { setCookie = "" } = await visit(sessions, undefined, (conn) =>
        sessions.putSession(conn, "user", "a\r\nLocation: https://evil.example/\r\n\r\n<html>"),
      );
      expect(setCookie).toMatch(/^sid=[\w-]+(?:; [\w-]+(?:=[\w/]+)?)+$/);
    });
  });
});

incident("CVE-2024-47764", () => {
  test.each<Options>([
    { key: "sid=<script>alert(1)</script>; HttpOnly; a" },
    { path: "/</script><script>alert(1)</script>;" },
    { domain: "example.com\r\nX: 1" },
  ])("a cookie name, path or domain with markup or a line break is refused: %o", (options) => {
    expect(() => setUp(options)).toThrow(config);
  });
});

incident("CVE-2026-47675", () => {
  test.each([
    { sameSite: "Lax; Secure" },
    { sameSite: "lax\r\nX: 1" },
    { sameSite: "LAX" },
    { sameSite: "__proto__" },
    { sameSite: true },
    { priority: "High; Domain=evil.example" },
    { maxAge: "1; Domain=evil.example" },
    { expires: "never; Domain=evil.example" },
  ])("an attribute with another value than its own is refused: %o", (options) => {
    expect(() => setUp(options as never)).toThrow(config);
  });
});
