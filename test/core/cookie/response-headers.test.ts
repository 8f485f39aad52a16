import { describe, expect, it } from "vitest";
import {
  applyCommitResult,
  applyLateLook,
  isShareable,
} from "../../../src/core/cookie/response-headers.ts";

const apply = (before: Record<string, string>, setCookie?: string): Headers => {
  const headers = new Headers(before);
  applyCommitResult(headers, { setCookie });
  return headers;
};

describe("L16: the headers of a response whose handler looked at the session", () => {
  it.each([
    [{}, "Cookie"],
    [{ Vary: "Accept" }, "Accept, Cookie"],
    [{ Vary: "Accept,cookie" }, "Accept,cookie"],
    [{ Vary: "COOKIE" }, "COOKIE"],
    [{ Vary: "*" }, "*"],
    [{ Vary: "X-Cookie" }, "X-Cookie, Cookie"],
  ])("the Vary %j becomes %j", (before, vary) => {
    expect(apply(before).get("Vary")).toBe(vary);
  });

  it("the handler's own Cache-Control stays, unless there is a cookie of ours", () => {
    const before = { "Cache-Control": "public, max-age=60" };
    expect(apply(before).get("Cache-Control")).toBe("public, max-age=60");
    expect(apply(before, "a=b").get("Cache-Control")).toBe("no-store");
  });

  it("the cookies of others stay", () => {
    const headers = apply({ "Set-Cookie": "theirs=1" }, "ours=1");
    expect(headers.getSetCookie()).toEqual(["theirs=1", "ours=1"]);
  });

  it.each([
    [{}, '"prefetchCache", "prerenderCache"'],
    [{ "Clear-Site-Data": '"cookies"' }, '"cookies", "prefetchCache", "prerenderCache"'],
  ])("a log-in on top of %j empties what the browser has fetched ahead", (before, expected) => {
    const headers = new Headers(before);
    applyCommitResult(headers, { setCookie: "a=b", outdatesPages: true });
    expect(headers.get("Clear-Site-Data")).toBe(expected);
  });

  it("any other cookie leaves that alone", () => {
    expect(apply({}, "a=b").get("Clear-Site-Data")).toBeNull();
  });
});

describe("L16: the headers of a response at whose session somebody may look late", () => {
  it.each([
    [{}, "private, no-cache", "Cookie"],
    [{ Vary: "Accept" }, "private, no-cache", "Accept, Cookie"],
    [{ "Cache-Control": "max-age=5" }, "max-age=5", null],
    [{ "Content-Length": "5" }, null, null],
  ])("%j is kept by %j and varies by %j", (before, cacheControl, vary) => {
    const headers = new Headers(before);
    applyLateLook(headers);
    expect([headers.get("Cache-Control"), headers.get("Vary")]).toEqual([cacheControl, vary]);
  });

  it.each([
    [undefined, true],
    ["", true],
    ["public, max-age=5", true],
    ["no-cache", true],
    ["x-private", true],
    ["private", false],
    ["Private, max-age=5", false],
    ['max-age=5, private="set-cookie"', false],
    ["max-age=0,no-store", false],
  ])("a shared cache may keep an answer with %j: %s", (cacheControl, expected) => {
    expect(isShareable(cacheControl)).toBe(expected);
  });
});
