import { describe, expect, it } from "vitest";
import { PlainHeaders } from "../../../src/adapters/_web/plain-headers.ts";

describe("L15: headers in a plain object", () => {
  it("a name is found in whichever case the application has written them", () => {
    const headers = new PlainHeaders({ "cache-control": "no-store", VARY: "Accept" });
    expect(headers.get("Cache-Control")).toBe("no-store");
    headers.set("Vary", "Accept, Cookie");
    expect(headers.object).toEqual({ "cache-control": "no-store", VARY: "Accept, Cookie" });
  });

  it("the object is copied before it is changed, because the object may be a constant of the application", () => {
    const own = Object.freeze({ "X-Own": "1" });
    const headers = new PlainHeaders(own);
    headers.set("Vary", "Cookie");
    headers.append("Set-Cookie", "a=1");
    expect(own).toEqual({ "X-Own": "1" });
    expect(headers.object).toEqual({ "X-Own": "1", Vary: "Cookie", "Set-Cookie": "a=1" });
    expect(headers.isPlain).toBe(true);
  });

  it("an object of texts cannot hold a second cookie, and says so", () => {
    const headers = new PlainHeaders({ "set-cookie": "theirs=1" });
    headers.append("Set-Cookie", "ours=1");
    expect(headers.isPlain).toBe(false);
    expect(headers.get("Set-Cookie")).toBe("theirs=1");
  });

  it.each([
    ["a list of pairs", [["a", "1"]]],
    ["Headers", new Headers({ a: "1" })],
    ["a list as a value", { "set-cookie": ["a=1", "b=2"] }],
    ["an object with a prototype of its own", Object.create({ a: "1" })],
    ["nothing", undefined],
  ])("%s gives none", (_what, headers) => {
    expect(PlainHeaders.from(headers)).toBeUndefined();
  });
});
