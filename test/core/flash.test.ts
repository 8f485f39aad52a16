import { describe, expect, it } from "vitest";
import { Changes } from "../../src/core/changes.ts";
import { newStamp } from "../../src/core/stamp.ts";
import type { Bag } from "../../src/core/store.ts";

const request = (data: Bag = {}, flash = {}): Changes => new Changes({ data, flash });

describe("messages", () => {
  it("are taken once", () => {
    const changes = request({}, { note: ["s1", "hello"] });
    expect(changes.take("note")).toBe("hello");
    expect(changes.take("note")).toBeUndefined();
    expect(changes.any).toBe(true);
    expect(changes.applyToFlash({ note: ["s1", "hello"] })).toEqual({});
  });

  it("that a parallel request has left meanwhile stay, by their stamp", () => {
    const changes = request({}, { note: ["s1", "hello"] });
    changes.take("note");
    expect(changes.applyToFlash({ note: ["s2", "hello"] })).toEqual({ note: ["s2", "hello"] });
  });

  it("that another request has taken meanwhile do not come back", () => {
    const changes = request({}, { note: ["s1", "hello"] });
    changes.leave("other", "s3", "mine");
    expect(changes.applyToFlash({})).toEqual({ other: ["s3", "mine"] });
  });

  it("left and taken in one request were never there", () => {
    const changes = request();
    changes.leave("note", newStamp(), "hello");
    expect(changes.empty).toBe(false);
    expect(changes.take("note")).toBe("hello");
    expect(changes.any).toBe(false);
    expect(changes.empty).toBe(true);
  });

  it("replace an older one under the same name, so that it never shows", () => {
    const changes = request({}, { note: ["s1", "old"] });
    changes.leave("note", "s2", "new");
    expect(changes.applyToFlash({ note: ["s1", "old"] })).toEqual({ note: ["s2", "new"] });
    expect(changes.take("note")).toBe("new");
    expect(changes.take("note")).toBeUndefined();
  });

  it("may be called __proto__", () => {
    const changes = request();
    changes.leave("__proto__", "s1", "hello");
    const flash = changes.applyToFlash({});
    expect(request({}, flash).take("__proto__")).toBe("hello");
    expect(request({}, flash).take("toString")).toBeUndefined();
  });

  it("have stamps of their own", () => {
    expect(new Set(Array.from({ length: 100 }, newStamp)).size).toBe(100);
  });
});

describe("what was done after a drop", () => {
  it("can be repeated on what was there before, when the drop is withdrawn", () => {
    const before = request({ n: 1, gone: 1 });
    before.put("kept", true);
    const after = request();
    after.update("n", (n) => Number(n ?? 0) + 1);
    after.delete("gone");
    after.leave("note", "s1", "hello");
    after.repeatOn(before);
    expect(before.data).toEqual({ n: 2, kept: true });
    expect(before.take("note")).toBe("hello");
  });
});
