import fc from "fast-check";
import { CookieJar as ToughJar } from "tough-cookie";
import { afterEach, describe, expect, it, vi } from "vitest";
import { MAX_COOKIE } from "../../src/core/cookie/set-cookie.ts";
import { testClock } from "../../src/testing/clock.ts";
import { CookieJar } from "../../src/testing/cookie-jar.ts";

const HERE = new URL("http://localhost/");

function filled(...setCookies: readonly string[]): CookieJar {
  const jar = new CookieJar(testClock().now);
  jar.take(setCookies, HERE);
  return jar;
}

describe("a cookie jar", () => {
  it("the jar keeps each name that is set once, in the order of the first setting", () => {
    expect(filled("a=1", "b=2; HttpOnly", "a=3").header()).toBe("a=3; b=2");
  });

  it("the jar keeps a value with an equals sign, and trims what surrounds it", () => {
    expect(filled(" a = b=c ;Path=/").header()).toBe("a=b=c");
  });

  it("the jar tells cookies of one name apart by domain and path", () => {
    expect(filled("a=1", "a=2; Path=/x", "a=3; Domain=.Example.com").header()).toBe(
      "a=2; a=1; a=3",
    );
    expect(filled("a=1; Domain=example.com", "a=2; Domain=.EXAMPLE.com").header()).toBe("a=2");
  });

  it("the jar sends a cookie to its path and below, the longest path first", () => {
    const jar = filled("a=1", "b=2; Path=/shop", "c=3; Path=/shop/cart/");
    expect(jar.header("/")).toBe("a=1");
    expect(jar.header("/shop")).toBe("b=2; a=1");
    expect(jar.header("/shopping")).toBe("a=1");
    expect(jar.header("/shop/cart")).toBe("b=2; a=1");
    expect(jar.header("/shop/cart/1")).toBe("c=3; b=2; a=1");
  });

  it("the jar takes the folder of the request for a path that is missing or none", () => {
    const jar = new CookieJar(testClock().now);
    const url = new URL("http://localhost/shop/cart?a=/b");
    jar.take(["a=1", "b=2; Path=", "c=3; Path=cart"], url);
    expect(jar.cookies().map(({ path }) => path)).toEqual(["/shop", "/shop", "/shop"]);
  });

  it("the jar ends cookies by its clock, by Max-Age before Expires", () => {
    const clock = testClock();
    const jar = new CookieJar(clock.now);
    const expires = new Date(clock.now() + 20_000).toUTCString();
    jar.take(
      ["a=1", "b=2; Max-Age=10", `c=3; Expires=${expires}`, `d=4; Max-Age=10; Expires=${expires}`],
      HERE,
    );
    clock.advance(9.999);
    expect(jar.header()).toBe("a=1; b=2; c=3; d=4");
    clock.advance(0.001);
    expect(jar.header()).toBe("a=1; c=3");
    clock.advance(10);
    expect(jar.header()).toBe("a=1");
  });

  it.each(["Max-Age=0", "Max-Age=-1", "Expires=Thu, 01 Jan 1970 00:00:00 GMT"])(
    "the jar deletes a cookie with %s, and only the one of that path",
    (end) => {
      expect(filled("a=1", "a=2; Path=/x", `a=; ${end}`).header()).toBe("a=2");
    },
  );

  it("the jar ignores a lifetime that is none", () => {
    expect(filled("a=1; Max-Age=soon; Expires=soon").cookies()).toMatchObject([
      { expiresAt: undefined },
    ]);
  });

  it("the jar reads attributes in any case and takes the last one", () => {
    const [cookie] = filled(
      "a=1; path=/x; PATH=/y; secure; HTTPONLY; SameSite=strict; nonsense; =; Domain=",
    ).cookies();
    expect(cookie).toEqual({
      name: "a",
      value: "1",
      path: "/y",
      domain: undefined,
      secure: true,
      httpOnly: true,
      sameSite: "strict",
      expiresAt: undefined,
    });
  });
});

describe("a cookie that browsers drop in silence", () => {
  it.each([
    ["no name", "=canary", /no name/],
    ["no pair", "canary", /no name/],
    ["a control character", "a=canary\u0001", /control character/],
    ["too much", `a=canary${"x".repeat(MAX_COOKIE)}`, /4096/],
    ["__Secure- without Secure", "__Secure-a=canary", /needs secure/],
    ["__Host- without Secure", "__Host-a=canary; Path=/", /needs secure/],
    ["__Host- with a Domain", "__Host-a=canary; Path=/; Secure; Domain=a.b", /no domain/],
    ["__Host- with another path", "__Host-a=canary; Path=/x; Secure", /needs path/],
    ["__Host- without a stated path", "__Host-a=canary; Secure", /path/],
    ["__Host- in another case", "__hOsT-a=canary; Path=/", /needs secure/],
    ["__Http- without HttpOnly", "__Http-a=canary; Secure", /httpOnly/],
    ["SameSite=None without Secure", "a=canary; SameSite=None", /needs secure/],
    ["Partitioned without Secure", "a=canary; Partitioned", /needs secure/],
  ])("the cookie is an error that says why and tells no value: %s", (_, setCookie, why) => {
    const jar = new CookieJar(testClock().now);
    expect(() => jar.take([setCookie], HERE)).toThrow(why);
    expect(() => jar.take([setCookie], HERE)).not.toThrow(/canary/);
    expect(jar.header()).toBe("");
  });

  it.each([
    ["http://localhost:3000/", true],
    ["http://app.localhost/", true],
    ["http://127.0.0.1:3000/", true],
    ["http://[::1]/", true],
    ["https://example.com/", true],
    ["http://example.com/", false],
    ["http://localhost.example.com/", false],
  ])("a Secure cookie from %s is kept: %s", (url, kept) => {
    const jar = new CookieJar(testClock().now);
    const take = (): void => jar.take(["__Host-a=1; Path=/; Secure"], new URL(url));
    if (!kept) expect(take).toThrow(/plain http/);
    else take();
    expect(jar.header()).toBe(kept ? "__Host-a=1" : "");
  });
});

describe("a jar beside a browser's jar that others wrote", () => {
  afterEach(() => void vi.useRealTimers());

  const PATHS = ["/", "/a", "/a/", "/a/b", "/ab", "/a/b/c"];
  const path = fc.constantFrom(...PATHS);
  const seconds = fc.integer({ min: -2, max: 5 });
  const setCookie = fc
    .record({
      name: fc.constantFrom("a", "b", "__Host-a"),
      value: fc.constantFrom("", "1", "2=3"),
      // tough-cookie counts Max-Age from the last use of a cookie, browsers from its setting.
      maxAge: fc.constantFrom(null, 0, -1),
      expires: fc.option(seconds),
      path: fc.option(path),
    })
    .map(({ name, value, maxAge, expires, path }) => (now: number) => {
      const host = name.startsWith("__Host-");
      return [
        `${name}=${value}`,
        ...(host ? ["Secure", "Path=/"] : []),
        ...(maxAge === null ? [] : [`Max-Age=${maxAge}`]),
        ...(expires === null ? [] : [`Expires=${new Date(now + expires * 1000).toUTCString()}`]),
        ...(path === null || host ? [] : [`Path=${path}`]),
      ].join("; ");
    });
  /** In any order: which of two cookies set in one millisecond comes first, is each jar's own. */
  const pairs = (header: string | undefined): readonly string[] =>
    (header ?? "").split("; ").toSorted();
  const step = fc.record({ setCookie, from: path, pass: fc.integer({ min: 0, max: 2 }) });

  it("both jars send the same cookies, whatever was set where and when", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), (steps) => {
        const clock = testClock();
        vi.useFakeTimers({ toFake: ["Date"] });
        const ours = new CookieJar(clock.now);
        const theirs = new ToughJar(undefined, { prefixSecurity: "strict" });
        for (const { setCookie, from, pass } of steps) {
          clock.advance(pass);
          vi.setSystemTime(clock.now());
          const text = setCookie(clock.now());
          const url = new URL(from, "https://example.com");
          ours.take([text], url);
          theirs.setCookieSync(text, url.href);
          for (const path of PATHS) {
            const expected = theirs.getCookieStringSync(new URL(path, url).href);
            expect(pairs(ours.header(path))).toEqual(pairs(expected));
          }
        }
      }),
    );
  });
});
