import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Changes, newStamp } from "../../../src/core/commit/changes.ts";
import type { SessionData, SessionRecord } from "../../../src/core/store.ts";
import { define, own } from "../../../src/core/data/values.ts";
import { canonical } from "../../support/canonical.ts";
import { anyFlash, content } from "../../support/tables/records.ts";

type Flash = SessionRecord["flash"];

const request = (data: SessionData = {}, flash = {}): Changes => new Changes({ data, flash });

describe("messages", () => {
  it("a message is taken once", () => {
    const changes = request({}, { note: ["s1", "hello"] });
    expect(changes.take("note")).toBe("hello");
    expect(changes.take("note")).toBeUndefined();
    expect(changes.any).toBe(true);
    expect(changes.applyToFlash({ note: ["s1", "hello"] })).toEqual({});
  });

  it("a message that a parallel request has left meanwhile stays, by its stamp", () => {
    const changes = request({}, { note: ["s1", "hello"] });
    changes.take("note");
    expect(changes.applyToFlash({ note: ["s2", "hello"] })).toEqual({ note: ["s2", "hello"] });
  });

  it("a message that another request has taken meanwhile does not come back", () => {
    const changes = request({}, { note: ["s1", "hello"] });
    changes.leave("other", "s3", "mine");
    expect(changes.applyToFlash({})).toEqual({ other: ["s3", "mine"] });
  });

  it("a message that one request leaves and takes was never there", () => {
    const changes = request();
    changes.leave("note", newStamp(), "hello");
    expect(changes.empty).toBe(false);
    expect(changes.take("note")).toBe("hello");
    expect(changes.any).toBe(false);
    expect(changes.empty).toBe(true);
  });

  it("a message replaces an older one under the same name, so that the older one never shows", () => {
    const changes = request({}, { note: ["s1", "old"] });
    changes.leave("note", "s2", "new");
    expect(changes.applyToFlash({ note: ["s1", "old"] })).toEqual({ note: ["s2", "new"] });
    expect(changes.take("note")).toBe("new");
    expect(changes.take("note")).toBeUndefined();
  });

  it("a message may be called __proto__", () => {
    const changes = request();
    changes.leave("__proto__", "s1", "hello");
    const flash = changes.applyToFlash({});
    expect(request({}, flash).take("__proto__")).toBe("hello");
    expect(request({}, flash).take("toString")).toBeUndefined();
  });

  it("each message has a stamp of its own", () => {
    expect(new Set(Array.from({ length: 100 }, newStamp)).size).toBe(100);
  });
});

describe("all that a request may do to messages", () => {
  const KEYS = ["a", "b", "__proto__"];
  const key = fc.constantFrom(...KEYS);
  const steps = fc.array(fc.record({ do: fc.constantFrom("leave", "take"), key }), {
    maxLength: 6,
  });
  type Steps = readonly { readonly do: string; readonly key: string }[];

  /** Does the steps; what is left is called after its step. Gives what was taken. */
  function run(changes: Changes, list: Steps): unknown[] {
    return list.map((step, at) => {
      if (step.do === "take") return changes.take(step.key);
      changes.leave(step.key, `mine ${at}`, `left ${at}`);
      return undefined;
    });
  }

  it("the result is that of one store of messages without other requests", () => {
    fc.assert(
      fc.property(anyFlash(key), steps, (flash, list) => {
        const model = new Map(Object.entries(flash));
        const expected = list.map((step, at) => {
          const there = model.get(step.key);
          if (step.do === "leave") model.set(step.key, [`mine ${at}`, `left ${at}`]);
          else model.delete(step.key);
          return step.do === "take" ? there?.[1] : undefined;
        });
        const changes = request({}, flash);
        expect(canonical(run(changes, list))).toBe(canonical(expected));
        expect(content(changes.applyToFlash(flash))).toBe(content(Object.fromEntries(model)));
        expect(changes.any).toBe(content(Object.fromEntries(model)) !== content(flash));
      }),
    );
  });

  it("a message that the request has not seen stays, and one that it took or replaced is gone", () => {
    fc.assert(
      fc.property(anyFlash(key), anyFlash(key), steps, (seen, found, list) => {
        const before = canonical([seen, found]);
        const changes = request({}, seen);
        run(changes, list);
        const after = changes.applyToFlash(found);
        for (const name of KEYS) {
          const mine = list.filter((step) => step.key === name);
          const last = mine.at(-1);
          const there = messageOf(found, name);
          const expected =
            last?.do === "leave"
              ? [`mine ${list.lastIndexOf(last)}`, `left ${list.lastIndexOf(last)}`]
              : mine.length > 0 && there?.[0] === messageOf(seen, name)?.[0]
                ? undefined
                : there;
          expect(canonical(messageOf(after, name))).toBe(canonical(expected));
        }
        expect(content(changes.applyToFlash(after))).toBe(content(after));
        expect(canonical([seen, found])).toBe(before);
      }),
      { numRuns: 500 },
    );
  });

  it("if a drop is withdrawn, messages left after it are applied after those left before it", () => {
    fc.assert(
      fc.property(anyFlash(key), steps, steps, (flash, first, second) => {
        const [before, after] = [request({}, flash), request()];
        run(before, first);
        run(after, second);
        const left = after.applyToFlash({});
        const expected = { ...before.applyToFlash(flash) };
        for (const [name, message] of Object.entries(left)) define(expected, name, message);
        after.repeatOn(before);
        expect(content(before.applyToFlash(flash))).toBe(content(expected));
      }),
    );
  });
});

function messageOf(
  flash: Flash,
  key: string,
): readonly [stamp: string, value: unknown] | undefined {
  return own(flash, key) as Flash[string] | undefined;
}

describe("the changes after a drop", () => {
  it("the changes can be repeated on what was there before, if the drop is withdrawn", () => {
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
