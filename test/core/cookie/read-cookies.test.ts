import { parseCookie } from "cookie";
import fc from "fast-check";
import { Cookie } from "tough-cookie";
import { describe, expect, it } from "vitest";
import {
  MAX_CANDIDATES,
  readAllCookies,
  readCookies,
  replaceCookies,
} from "../../../src/core/cookie/read-cookies.ts";
import { anyText } from "../../support/arbitraries.ts";

const NAME = "__Host-session";
const NO_BREAK_SPACE = "\u00a0";

/** Cookies as clients, proxies and attackers write them. */
const pair = fc
  .tuple(
    fc.constantFrom("", " ", "\t", "  ", "=", NO_BREAK_SPACE, "\u000b", '"', "x"),
    fc.constantFrom(
      NAME,
      NAME.toLowerCase(),
      NAME.toUpperCase(),
      "__Host-session2",
      "other",
      "__proto__",
      "",
    ),
    fc.constantFrom("=", " =", "\t= ", "", "==", `${NO_BREAK_SPACE}=`, '"='),
    fc.oneof(
      fc.constantFrom(
        "",
        "value",
        '"value"',
        "%41",
        "a b",
        "a=b",
        "a,b",
        `${NAME}=inner`,
        `v${NO_BREAK_SPACE}`,
      ),
      fc.string({ maxLength: 6 }).filter((text) => !text.includes(";")),
    ),
    fc.constantFrom("", " ", "\t"),
  )
  .map((parts) => parts.join(""));
const header = fc
  .tuple(fc.array(pair, { minLength: 1, maxLength: 4 }), fc.constantFrom(";", "; ", ";;", " ; "))
  .map(([pairs, separator]) => pairs.join(separator));

/** Whitespace that is none in RFC 6265bis 5.6, and control characters: tough-cookie trims or cuts at them. */
// oxlint-disable-next-line no-control-regex -- the subject of this test
const DECIDED = /[^\x20-\x7e\t]/;

/** Java's clients put values in quotes. Other parsers leave the quotes to the application. */
const bare = (value: string): string => value.replace(/^"(.*)"$/s, "$1");

describe("the cookies of a name", () => {
  it("the first cookie is the one that the cookie package finds", () => {
    fc.assert(
      fc.property(header, (text) => {
        const [first] = readCookies(text, NAME);
        expect(first).toBe(parseCookie(text, { decode: bare })[NAME]);
      }),
      { numRuns: 2000 },
    );
  });

  it("the cookies are those that tough-cookie finds, but for characters that it trims", () => {
    fc.assert(
      fc.property(
        header.filter((text) => !DECIDED.test(text)),
        (text) => {
          const theirs = text.split(";").flatMap((each) => {
            const cookie = Cookie.parse(each);
            return cookie?.key === NAME ? [bare(cookie.value)] : [];
          });
          expect(readCookies(text, NAME)).toEqual(theirs);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("the cookies are those that were written, in their order, five at most", () => {
    const value = fc.stringMatching(/^[\w!#$%&'()*+./:<=>?@[\]^`{|}~-]{0,9}$/); // cookie-octet, and "="
    const name = fc.constantFrom(NAME, NAME, "other");
    const space = fc.constantFrom("", " ", "\t ");
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value, space), { maxLength: 9 }), (cookies) => {
        const text = cookies
          .map(([name, value, s]) => `${s}${name}${s}=${s}${value}${s}`)
          .join(";");
        const mine = cookies.filter(([name]) => name === NAME).map(([, value]) => bare(value));
        expect(readCookies(text, NAME)).toEqual(mine.slice(0, MAX_CANDIDATES + 1));
      }),
    );
  });

  it("two headers in one give the cookies of the first, then those of the second", () => {
    const any = fc.oneof(header, anyText(40));
    fc.assert(
      fc.property(any, any, (first, second) => {
        const both = [...readCookies(first, NAME), ...readCookies(second, NAME)];
        expect(readCookies(`${first};${second}`, NAME)).toEqual(both.slice(0, MAX_CANDIDATES + 1));
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ["nothing", undefined, []],
    ["null", null, []],
    ["an empty header", "", []],
    ["separators only", ";; ;", []],
    ["one cookie", `${NAME}=v`, ["v"]],
    ["one among others", `a=1; ${NAME}=v; b=2`, ["v"]],
    ["spaces and tabs around name and value", `\t ${NAME} =\t v \t;`, ["v"]],
    ["several, in their order", `${NAME}=1; x=y;${NAME}=2`, ["1", "2"]],
    ["an empty value", `${NAME}=`, [""]],
    ["an equals sign in the value", `${NAME}=a=b`, ["a=b"]],
    ["a name without a value", NAME, []],
    ["a nameless cookie that looks like ours", `=${NAME}=v`, []],
    ["the name in another case", `${NAME.toUpperCase()}=v; ${NAME.toLowerCase()}=v`, []],
    ["a longer name", `${NAME}2=v`, []],
    ["a name after a no-break space", `${NO_BREAK_SPACE}${NAME}=v`, []],
    ["a name before a no-break space", `${NAME}${NO_BREAK_SPACE}=v`, []],
    ["a name after a vertical tab", `\u000b${NAME}=v`, []],
    ["a quoted name", `"${NAME}"=v`, []],
    ["the name inside another cookie's value", `a=${NAME}=v`, []],
    ["a comma, which separates nothing", `a=1, ${NAME}=v`, []],
  ])("the cookies in %s are found as browsers mean them", (_, text, values) => {
    expect(readCookies(text, NAME)).toEqual(values);
  });

  it.each([
    [
      "Java's HttpClient and HttpURLConnection",
      `$Version="1"; ${NAME}="v";$Path="/";$Domain="localhost.local"`,
    ],
    [
      "RFC 2965, with a port and spaces",
      `$Version = "1" ; ${NAME} = "v" ; $Path = "/" ; $Port="80"`,
    ],
    ["RFC 2109, without quotes", `$Version=1; ${NAME}=v; $Path=/`],
    ["RFC 2109, beside others", `$Version="1"; a="1"; $Path="/"; ${NAME}="v"; $Path="/"; b="2"`],
    ["an attribute that looks like ours", `$Version="${NAME}"; ${NAME}="v"; $Path="${NAME}=w"`],
  ])("the cookie is found in the old style of %s", (_, text) => {
    expect(readCookies(text, NAME)).toEqual(["v"]);
  });

  it.each([
    ["an empty value in quotes", '""', ""],
    ["quotes in quotes", '""v""', '"v"'],
    ["a quote alone", '"', '"'],
    ["a quote in front", '"v', '"v'],
    ["a quote behind", 'v"', 'v"'],
    ["a quote within", 'v"w', 'v"w'],
    ["other quotes", "'v'", "'v'"],
    ["a backslash", '"v\\""', 'v\\"'],
  ])("one pair of quotes around a value is taken off, and nothing else of %s", (_, text, value) => {
    expect(readCookies(`${NAME}=${text}`, NAME)).toEqual([value]);
  });

  it("a value in quotes ends at its semicolon: nothing of another cookie gets into it", () => {
    expect(readCookies(`${NAME}="v; other=secret; "`, NAME)).toEqual(['"v']);
    expect(readCookies(`other="1; ${NAME}=v; "`, NAME)).toEqual(["v"]);
  });

  it.each([
    ["percent signs", "%41"],
    ["a no-break space", `v${NO_BREAK_SPACE}`],
  ])("a value keeps %s, because nothing is decoded", (_, value) => {
    expect(readCookies(`${NAME}=${value}`, NAME)).toEqual([value]);
  });

  it.each(["__proto__", "a.b", "$x", "a+b", "x|y"])("cookies are found for the name %s", (name) => {
    expect(readCookies(`axb=0; aab=0; ${name}=v`, name)).toEqual(["v"]);
  });

  it("the header is read no further than one cookie more than are tried", () => {
    const many = Array.from({ length: 100_000 }, (_, at) => `${NAME}=${at}`).join("; ");
    expect(readCookies(many, NAME)).toHaveLength(MAX_CANDIDATES + 1);
  });
});

describe("all cookies of a header", () => {
  it("each name has its values in order, and no more of them than are tried", () => {
    const many = Array.from({ length: 9 }, (_, at) => `many=${at}`).join(";");
    expect([...readAllCookies(`a=1; lone; b="2"; a=3;; ${many}`)]).toEqual([
      ["a", ["1", "3"]],
      ["b", ["2"]],
      ["many", ["0", "1", "2", "3"]],
    ]);
  });

  it("L22: the work grows with the header's length, also if no pair has a value", () => {
    // A search that reads the rest of the header for each pair takes minutes here.
    expect(readAllCookies("a;".repeat(2_000_000)).size).toBe(0);
  });

  it("one cookie takes the place of all of its name, and the others stay as they are", () => {
    const header = `a=1; ${NAME}=old; b=2; ${NAME} =older;c`;
    const replaced = replaceCookies(header, NAME, "new");
    expect(readCookies(replaced, NAME)).toEqual(["new"]);
    expect(parseCookie(replaced)).toEqual({ ...parseCookie("a=1; b=2"), [NAME]: "new" });
    expect(replaceCookies(undefined, NAME, "new")).toBe(`${NAME}=new`);
  });
});
