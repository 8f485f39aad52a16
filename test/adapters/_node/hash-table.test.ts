import { describe, expect, it } from "vitest";
import { keepInHashTable } from "../../../src/adapters/_node/hash-table.ts";

describe("the hash table of a request's properties", () => {
  it("leaves every property and its value", () => {
    const object = { first: 1, res: { a: 1 }, last: "x" };
    const { res } = object;
    keepInHashTable(object, "res");
    expect(object).toEqual({ first: 1, res: { a: 1 }, last: "x" });
    expect(object.res).toBe(res);
  });

  it("gives an object no property that it only inherits", () => {
    const object = Object.create({ res: 1 }) as { res?: number };
    keepInHashTable(object, "res");
    expect(Object.hasOwn(object, "res")).toBe(false);
  });
});
