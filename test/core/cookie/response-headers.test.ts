import { describe, expect, it } from "vitest";
import { applyCommitResult } from "../../../src/core/cookie/response-headers.ts";

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
});
