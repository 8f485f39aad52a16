import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Changes } from "../../../src/core/commit/changes.ts";
import type { SessionData } from "../../../src/core/store.ts";
import { copyIn } from "../../../src/core/data/values.ts";
import { objectOf, storable } from "../../support/arbitraries.ts";
import { canonical } from "../../support/canonical.ts";

interface Step {
  readonly do: "put" | "delete" | "append";
  readonly key: string;
  readonly value: unknown;
}

const KEYS = ["a", "b", "__proto__"];

/** Keys are few, so that steps meet. */
function steps(keys: readonly string[] = KEYS): fc.Arbitrary<Step[]> {
  const step = fc.record({
    do: fc.constantFrom("put" as const, "delete" as const, "append" as const),
    key: fc.constantFrom(...keys),
    value: storable(),
  });
  return fc.array(step, { maxLength: 6 });
}

function bag(): fc.Arbitrary<SessionData> {
  const entries = fc.uniqueArray(fc.tuple(fc.constantFrom(...KEYS, "c"), storable()), {
    selector: ([key]) => key,
  });
  return fc.oneof(
    entries.map((list) => copyIn(Object.fromEntries(list), ["bag"]) as SessionData),
    objectOf(storable()).map((object) => copyIn(object, ["bag"]) as SessionData),
  );
}

function run(changes: Changes, list: readonly Step[]): Changes {
  for (const { do: verb, key, value } of list) {
    if (verb === "put") changes.put(key, copyIn(value, [key]));
    else if (verb === "delete") changes.delete(key);
    else changes.update(key, (before) => [before, value]);
  }
  return changes;
}

/** The steps but for updates after a put or delete: the result of these is known, the others run again. */
function replayable(list: readonly Step[]): Step[] {
  return list.filter(
    (step, at) =>
      step.do !== "append" ||
      list.slice(0, at).every(({ key, do: verb }) => key !== step.key || verb === "append"),
  );
}

/** The order of the top-level keys is not data: it may depend on who came first. */
function content(data: SessionData): string {
  return canonical(
    Object.keys(data)
      .sort()
      .map((key) => [key, data[key]]),
  );
}

const request = (data: SessionData = {}, flash = {}): Changes => new Changes({ data, flash });

describe("L5: the changes of one request", () => {
  it("the changes give what the request saw, applied to the same data again", () => {
    fc.assert(
      fc.property(bag(), steps(), (data, list) => {
        const changes = run(request(data), list);
        expect(content(changes.applyTo({ ...data }))).toBe(content(changes.data));
      }),
    );
  });

  it("the changes give what doing it there would have given, applied to other data", () => {
    fc.assert(
      fc.property(bag(), bag(), steps(), (seen, found, list) => {
        const known = replayable(list);
        const replayed = run(request(seen), known).applyTo(found);
        expect(content(replayed)).toBe(content(run(request(found), known).data));
      }),
    );
  });

  it("the changes give what doing all in turn would have given, repeated after a part of them", () => {
    fc.assert(
      fc.property(bag(), steps(), steps(), (data, first, second) => {
        const known = replayable(second);
        const changes = run(request(data), first);
        run(request(), known).repeatOn(changes);
        const inTurn = run(run(request(data), first), known);
        expect(content(changes.data)).toBe(content(inTurn.data));
        expect(changes.any).toBe(inTurn.any);
      }),
    );
  });

  it("the changes commute with what another request did to other keys", () => {
    fc.assert(
      fc.property(bag(), steps(["a", "c"]), steps(["b", "__proto__"]), (data, mine, yours) => {
        const left = run(request(data), mine).applyTo(run(request(data), yours).data);
        const right = run(request(data), yours).applyTo(run(request(data), mine).data);
        expect(content(left)).toBe(content(right));
      }),
    );
  });

  it("the changes leave every key alone that the request did not write", () => {
    fc.assert(
      fc.property(bag(), bag(), steps(["a"]), (seen, found, list) => {
        const { a: _before, ...others } = found;
        const { a: _after, ...after } = run(request(seen), list).applyTo(found);
        expect(content(after)).toBe(content(others));
      }),
    );
  });

  it("the changes never alter the data that they began with", () => {
    fc.assert(
      fc.property(bag(), bag(), steps(), (seen, found, list) => {
        const before = canonical([seen, found]);
        run(request(seen), list).applyTo(found);
        expect(canonical([seen, found])).toBe(before);
      }),
    );
  });

  it("there are changes exactly if the data differs in the end", () => {
    fc.assert(
      fc.property(bag(), steps(), (data, list) => {
        const changes = run(request(data), list);
        expect(changes.any).toBe(content(changes.data) !== content(data));
      }),
    );
  });

  it("there are no changes if a key gets the value that it has, or an absent key is deleted", () => {
    const changes = request({ a: { b: [1] } });
    changes.put("a", { b: [1] });
    changes.delete("x");
    changes.update("y", () => undefined);
    changes.put("z", 1);
    changes.delete("z");
    expect(changes.any).toBe(false);
  });
});

describe("L5: an update", () => {
  it("the function runs again on what it finds, as often as it was called", () => {
    const changes = request({ n: 1 });
    changes.update("n", (n) => Number(n) + 1);
    changes.update("n", (n) => Number(n) * 10);
    expect(changes.data).toEqual({ n: 20 });
    expect(changes.applyTo({ n: 5 })).toEqual({ n: 60 });
    expect(changes.applyTo({})).toEqual({ n: Number.NaN });
  });

  it("the result is known after a put or a delete, whatever is stored", () => {
    const changes = request({ n: 1, m: 1 });
    changes.put("n", 5);
    changes.update("n", (n) => Number(n) + 1);
    changes.delete("m");
    changes.update("m", (m) => (m === undefined ? "fresh" : "old"));
    expect(changes.applyTo({ n: 100, m: 100 })).toEqual({ n: 6, m: "fresh" });
  });

  it("an update that gives undefined deletes the key, also when it runs again", () => {
    const changes = request({ n: 1 });
    changes.update("n", (n) => (Number(n) > 0 ? undefined : n));
    expect(changes.data).toEqual({});
    expect(changes.applyTo({ n: 2 })).toEqual({});
    expect(changes.applyTo({ n: 0 })).toEqual({ n: 0 });
  });

  it("the function gets a frozen value, or a copy that it may change", () => {
    const seen: unknown[] = [];
    const changes = request({ list: [1], map: new Map([["a", 1]]) });
    changes.update("list", (list) => {
      seen.push(Object.isFrozen(list));
      return [...(list as number[]), 2];
    });
    const grow = (map: unknown): unknown => (map as Map<string, number>).set("b", 2);
    changes.update("map", grow);
    expect(seen).toEqual([true]);
    expect(changes.applyTo({ list: [], map: new Map() })).toEqual({
      list: [2],
      map: new Map([["b", 2]]),
    });
    expect(changes.data["map"]).toEqual(
      new Map([
        ["a", 1],
        ["b", 2],
      ]),
    );
  });

  it.each([
    ["a promise", () => Promise.resolve(1)],
    ["a function", () => () => 1],
  ])("an update to %s is refused, and leaves the value as it was", (_, update) => {
    const changes = request({ n: 1 });
    expect(() => changes.update("n", update)).toThrow(
      expect.objectContaining({ code: "ERR_SESSION_NOT_SERIALIZABLE" }),
    );
    expect(changes.data).toEqual({ n: 1 });
    expect(changes.any).toBe(false);
  });

  it("an update that throws leaves the value as it was", () => {
    const changes = request({ n: 1 });
    const failed = (): never => {
      throw new RangeError("mine");
    };
    expect(() => changes.update("n", failed)).toThrow(RangeError);
    expect(changes.any).toBe(false);
  });
});
