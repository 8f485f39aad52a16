import fc from "fast-check";
import { Cookie, CookieJar } from "tough-cookie";
import { describe, expect, it } from "vitest";
import { configError } from "../../../src/core/errors.ts";
import {
  DEFAULT_COOKIE,
  checkCookieName,
  checkCookieSettings,
  FORGET,
  endAt,
  writeAttributes,
  writeCookie,
} from "../../../src/core/cookie/set-cookie.ts";
import type { CookieSettings } from "../../../src/core/types.ts";

/** A whole second: a date in a header has no more. */
const NOW = Date.UTC(2040, 0, 1);

const impossible = expect.objectContaining({ code: "ERR_SESSION_CONFIG" });

function check(name: string, settings: Record<string, unknown>): () => void {
  // What an application without types may pass.
  const given = { ...DEFAULT_COOKIE, ...settings } as CookieSettings;
  return () => checkCookieSettings(name, given, configError);
}

const prefixes = ["", "__Secure-", "__Host-", "__Http-", "__Host-Http-", "__hOST-", "__SECURE-"];
const settingArbitraries = {
  path: fc.constantFrom("/", "/app", "/a/b"),
  domain: fc.constantFrom(undefined, "example.com"),
  secure: fc.boolean(),
  httpOnly: fc.boolean(),
  sameSite: fc.constantFrom("strict", "lax", "none"),
  partitioned: fc.boolean(),
  persist: fc.boolean(),
} as const;
const everySetting: fc.Arbitrary<CookieSettings> = fc.record(settingArbitraries);

/** Why a browser drops such a cookie; written down once more, from the standard. */
function dropped(
  name: string,
  { path, domain, secure, httpOnly, ...rest }: CookieSettings,
): boolean {
  const lower = name.toLowerCase();
  const { sameSite, partitioned } = rest;
  if (!secure && (sameSite === "none" || partitioned)) return true;
  if (lower.startsWith("__secure-")) return !secure;
  if (lower.startsWith("__host-http-")) return !secure || !httpOnly || path !== "/" || !!domain;
  if (lower.startsWith("__host-")) return !secure || path !== "/" || !!domain;
  if (lower.startsWith("__http-")) return !secure || !httpOnly;
  return false;
}

describe("the name of the cookie", () => {
  it.each([
    undefined,
    null,
    "",
    7,
    {},
    ["a"],
    "a b",
    "a;b",
    "a=b",
    "a,b",
    "é",
    "a\n",
    "a\0",
    '"a"',
    "a/b",
    "a(b)",
    " a",
  ])("the name %j is refused", (name) => {
    expect(() => checkCookieName(name)).toThrow(impossible);
  });

  it.each([
    "session",
    "_example_session",
    "__Host-session",
    "a.b-c",
    "!#$%&'*+-.^_`|~",
    "__proto__",
  ])("the name can be %s", (name) => {
    expect(() => checkCookieName(name)).not.toThrow();
  });
});

describe("any name, path and domain", () => {
  // Mostly what is allowed, and what ends a name, an attribute or a header.
  const unit = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(..."abz09_-.!#$/") },
    { weight: 1, arbitrary: fc.constantFrom(...';=, \t\r\n\0"()é\u{1f36a}\u007f') },
  );
  const text = fc.string({ unit, maxLength: 9 });
  const accepts = (name: string, settings: CookieSettings): boolean => {
    try {
      checkCookieName(name);
      checkCookieSettings(name, settings, configError);
      return true;
    } catch (error) {
      expect(error).toEqual(impossible);
      return false;
    }
  };

  it("a name, path or domain is refused, or reaches the browser as it is, and nothing else does", () => {
    const path = text.map((rest) => `/${rest}`);
    const anySetting = fc.record({
      ...settingArbitraries,
      path,
      domain: fc.option(text, { nil: undefined }),
    });
    let accepted = 0;
    fc.assert(
      fc.property(text, anySetting, (name, settings) => {
        if (!accepts(name, settings)) return;
        accepted++;
        // A header's name is a token as well, and the platform knows what one is.
        expect(() => new Headers([[name, "v"]])).not.toThrow();
        const attributes = writeAttributes(settings);
        const sent = { name, value: "v", settings, end: undefined };
        const cleared = { name, value: "", settings, end: FORGET };
        for (const header of [sent, cleared].map((each) => writeCookie(each, attributes))) {
          // oxlint-disable-next-line no-control-regex -- what a header may hold
          expect(header).toMatch(/^[\x20-\x7e]*$/);
          // As a browser takes it apart: RFC 6265bis 5.6.
          const [pair, ...others] = header
            .split(";")
            .map((each) => each.trim())
            .filter((each) => !/^(Max-Age|Expires)=/.test(each));
          expect(pair?.split("=")[0]).toBe(name);
          expect(others).toEqual([
            `Path=${settings.path}`.trim(),
            ...(settings.domain === undefined ? [] : [`Domain=${settings.domain}`.trim()]),
            ...(settings.httpOnly ? ["HttpOnly"] : []),
            ...(settings.secure ? ["Secure"] : []),
            expect.stringMatching(/^SameSite=(Strict|Lax|None)$/),
            ...(settings.partitioned ? ["Partitioned"] : []),
          ]);
        }
      }),
      { numRuns: 3000 },
    );
    expect(accepted).toBeGreaterThan(100);
  });
});

describe("the attributes of the cookie", () => {
  it("attributes are refused exactly if a browser would drop the cookie", () => {
    fc.assert(
      fc.property(fc.constantFrom(...prefixes), everySetting, (prefix, settings) => {
        const name = `${prefix}session`;
        if (dropped(name, settings)) expect(check(name, { ...settings })).toThrow(impossible);
        else expect(check(name, { ...settings })).not.toThrow();
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    { path: "" },
    { path: "app" },
    { path: "/a;b" },
    { path: "/a\nb" },
    { path: "/a\u007f" },
    { path: "/é" },
    { path: null },
    { path: 1 },
    { path: `/${"a".repeat(1024)}` },
    { domain: "" },
    { domain: "a;b" },
    { domain: "a\r\nSet-Cookie: b" },
    { domain: "a\0" },
    { domain: null },
    { domain: 1 },
    { domain: "é.example" },
    { secure: "true" },
    { secure: undefined },
    { secure: 1 },
    { httpOnly: "no" },
    { httpOnly: null },
    { sameSite: "Lax" },
    { sameSite: true },
    { sameSite: "" },
    { sameSite: undefined },
    { sameSite: "toString" },
    { partitioned: "yes" },
    { persist: 3600 },
  ])("the attributes %j are refused", (settings) => {
    expect(check("session", settings)).toThrow(impossible);
  });

  it("path and domain may have the longest length that browsers keep", () => {
    const path = `/${"a".repeat(1023)}`;
    expect(check("session", { path })).not.toThrow();
  });
});

describe("the Set-Cookie header", () => {
  it("the header says to a browser what the settings say", () => {
    fc.assert(
      fc.property(everySetting, (settings) => {
        const sent = { name: "session", value: "v", settings, end: endAt(NOW + 5000, NOW) };
        const cookie = Cookie.parse(writeCookie(sent, writeAttributes(settings)));
        expect(cookie).toMatchObject({
          key: "session",
          value: "v",
          path: settings.path,
          domain: settings.domain ?? null,
          secure: settings.secure,
          httpOnly: settings.httpOnly,
          sameSite: settings.sameSite,
          extensions: settings.partitioned ? ["Partitioned"] : null,
          maxAge: 5,
          expires: new Date(NOW + 5000),
        });
      }),
    );
  });

  it("the header clears the cookie that the same settings have set, and no other", () => {
    fc.assert(
      fc.property(
        everySetting.filter((settings) => settings.path === "/" && !dropped("session", settings)),
        (settings) => {
          const jar = new CookieJar();
          const url = "https://example.com/";
          const options = { sameSiteContext: "strict" } as const;
          const attributes = writeAttributes(settings);
          jar.setCookieSync(`session=v${attributes}`, url, options);
          jar.setCookieSync(`other=v${attributes}`, url, options);
          expect(jar.getCookieStringSync(url)).toContain("session=v");
          const cleared = { name: "session", value: "", settings, end: FORGET };
          jar.setCookieSync(writeCookie(cleared, attributes), url, options);
          expect(jar.getCookieStringSync(url)).toBe("other=v");
        },
      ),
    );
  });

  it("L12: Max-Age and Expires never outlive the deadline, and both end less than a second before it", () => {
    const times = fc.oneof(fc.integer(), fc.double({ min: -1e15, max: 1e15, noNaN: true }));
    const clocks = fc.integer({ min: 0, max: 4e12 });
    fc.assert(
      fc.property(times, clocks, (left, now) => {
        const cookie = {
          name: "s",
          value: "v",
          settings: DEFAULT_COOKIE,
          end: endAt(now + left, now),
        };
        const [, seconds, date = ""] =
          /; Max-Age=(\d+); Expires=(.*)$/.exec(writeCookie(cookie, "")) ?? [];
        const most = Math.min(Math.max(0, left / 1000), 400 * 86_400);
        expect(Number(seconds)).toBeLessThanOrEqual(most + 0.001); // As doubles add.
        expect(Number(seconds)).toBeGreaterThan(most - 1.001);
        // The date has whole seconds.
        const second = Math.floor(now / 1000);
        expect(Date.parse(date) / 1000).toBe(second + Number(seconds));
        expect(date).toMatch(/^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/);
      }),
    );
  });

  it.each([
    [0, 0],
    [-5000, 0],
    [999, 0],
    [1000, 1],
    [59_999, 59],
    [400 * 86_400_000, 34_560_000],
    [401 * 86_400_000, 34_560_000],
  ])(
    "the header has, with %i ms left, a Max-Age of %i seconds, and 400 days at most",
    (left, seconds) => {
      expect(endAt(NOW + left, NOW).maxAge).toBe(seconds);
    },
  );
});
