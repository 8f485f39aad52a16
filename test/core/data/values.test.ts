import vm from "node:vm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode, encode } from "../../../src/core/data/codec.ts";
import { copyIn, copyOut } from "../../../src/core/data/values.ts";
import { storable } from "../../support/arbitraries.ts";
import { canonical } from "../../support/canonical.ts";

const put = (value: unknown): unknown => copyIn(value, ["key"]);
const refused = { code: "ERR_SESSION_NOT_SERIALIZABLE" };

function nested(depth: number): unknown {
  let value: unknown = "inside";
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { value };
  return value;
}

/** All objects that can be reached from a value, itself among them. */
function objectsIn(value: unknown): object[] {
  if (typeof value !== "object" || value === null) return [];
  const inside = ArrayBuffer.isView(value)
    ? []
    : [...(value instanceof Map || value instanceof Set ? value : Object.values(value))];
  return [value, ...inside.flatMap(objectsIn)];
}

function spoil(object: object): void {
  if (object instanceof Date) object.setTime(7);
  else if (object instanceof Map || object instanceof Set) object.clear();
  else if (ArrayBuffer.isView(object)) new Uint8Array(object.buffer).fill(7);
  else Object.assign(object, { 0: "spoiled" });
}

describe("L18: a copy that the session takes", () => {
  it("the copy is the same as what was put", () => {
    fc.assert(
      fc.property(storable(), (value) => {
        expect(canonical(put(value))).toBe(canonical(value));
      }),
    );
  });

  it("anything is copied, or refused by its name, and each copy can be stored", () => {
    const anything = fc.anything({
      withBigInt: true,
      withBoxedValues: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withObjectString: true,
      withSet: true,
      withSparseArray: true,
      withTypedArray: true,
    });
    fc.assert(
      fc.property(anything, (value) => {
        try {
          const copy = put(value);
          expect(canonical(decode(encode(copy)))).toBe(canonical(copy));
        } catch (error) {
          expect(error).toMatchObject({ name: "SessionError", ...refused });
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("the copy shares no object with the original", () => {
    fc.assert(
      fc.property(storable(), (value) => {
        const mine = objectsIn(put(value));
        expect(objectsIn(value).filter((each) => mine.includes(each))).toEqual([]);
      }),
    );
  });

  it("the copy does not follow later changes of the original", () => {
    const original = {
      list: [1],
      map: new Map([["a", { b: 1 }]]),
      at: new Date(1),
      bytes: Uint8Array.of(1),
    };
    const copy = put(original);
    const before = canonical(copy);
    original.list.push(2);
    original.map.set("c", { b: 2 });
    original.at.setTime(2);
    original.bytes[0] = 2;
    expect(canonical(copy)).toBe(before);
  });

  it("the copy holds an object twice if the original does", () => {
    const twice = { a: 1 };
    expect(canonical(put([twice, twice]))).toBe(canonical([{ a: 1 }, { a: 1 }]));
  });

  it("the copy has undefined for the holes of a sparse array", () => {
    // oxlint-disable-next-line no-sparse-arrays -- the subject of this test
    expect(canonical(put([1, , 3]))).toBe(canonical([1, undefined, 3]));
  });

  it("the copy of an object without prototype is an ordinary object", () => {
    expect(canonical(put(Object.assign(Object.create(null), { a: 1 })))).toBe("Object{a:1}");
  });

  it("the copy takes objects and arrays of another realm", () => {
    const foreign: unknown = vm.runInNewContext(`({ a: [1, { b: "c" }], n: Object.create(null) })`);
    expect(canonical(put(foreign))).toBe(canonical({ a: [1, { b: "c" }], n: {} }));
  });

  it("the copy takes only the part of a buffer that a typed array shows", () => {
    const shown = new Uint8Array(new ArrayBuffer(100), 10, 2);
    expect((put(shown) as Uint8Array).buffer.byteLength).toBe(2);
  });

  it.each([
    ["an object without prototype", Object.create(null) as unknown],
    ["an object with its own toString", { toString: "mine" }],
  ])("the copy takes a Map whose key is %s", (_, key) => {
    const map = new Map([[key, 1]]);
    expect(put(map)).toBeInstanceOf(Map);
    expect(copyOut(put(map))).toBeInstanceOf(Map);
  });
});

describe("L18: a value that cannot be stored", () => {
  class Account {
    id = 1;
  }
  const cycle: Record<string, unknown> = {};
  cycle["inner"] = { list: [cycle] };
  const cyclicMap = new Map<string, unknown>();
  cyclicMap.set("self", cyclicMap);

  it.each([
    ["a function", (): void => {}],
    ["a class", Account],
    ["a symbol", Symbol("s")],
    ["an object with a symbol as a key", { [Symbol("s")]: 1 }],
    ["a cycle", cycle],
    ["a cycle through a Map", cyclicMap],
    ["an instance of a class", new Account()],
    ["an error", new Error("e")],
    ["a RegExp", /x/],
    ["a promise", Promise.resolve()],
    ["a WeakMap", new WeakMap()],
    ["a URL", new URL("http://example.com")],
    ["a boxed string", Object("text")],
    ["a boxed symbol", Object(Symbol("s"))],
    ["a Buffer, which would come back as something else", Buffer.from("x")],
    ["an ArrayBuffer", new ArrayBuffer(1)],
    ["a DataView", new DataView(new ArrayBuffer(1))],
    ["a subclass of Map", new (class extends Map {})()],
    ["a subclass of Date", new (class extends Date {})()],
    ["a subclass of Uint8Array", new (class extends Uint8Array {})()],
    ["a Date of another realm", vm.runInNewContext("new Date(0)")],
    ["a Map of another realm", vm.runInNewContext("new Map()")],
    ["a class instance of another realm", vm.runInNewContext("new (class A {})()")],
    ["an object that only has the prototype of a Date", Object.create(Date.prototype)],
    ["an object that only has the prototype of a Map", Object.create(Map.prototype)],
  ])("%s is refused, also deep inside", (_, value: unknown) => {
    expect(() => put(value)).toThrow(expect.objectContaining(refused));
    expect(() => put({ a: [new Map([["b", value]])] })).toThrow(expect.objectContaining(refused));
    expect(() => put([new Set([value])])).toThrow(expect.objectContaining(refused));
  });

  it("undefined is refused at the top, and allowed inside", () => {
    expect(() => put(undefined)).toThrow(expect.objectContaining(refused));
    expect(canonical(put({ a: undefined, b: [undefined] }))).toBe(
      canonical({ a: undefined, b: [undefined] }),
    );
  });

  it.each([201, 100_000])(
    "a value nested %i levels deep is refused, and the stack stands it",
    (depth) => {
      expect(() => put(nested(depth))).toThrow(expect.objectContaining(refused));
    },
  );

  it("a value nested 200 levels deep is allowed", () => {
    expect(canonical(put(nested(200)))).toBe(canonical(nested(200)));
  });

  it("the error names the path, which stays short and holds no value", () => {
    expect(() => put({ cart: [{ price: 1 }, { price: (): void => {}, note: "private" }] })).toThrow(
      /"key\.cart\[1\]\.price"/,
    );
    const long = put.bind(null, { ["k".repeat(10_000)]: (): void => {} });
    expect(long).toThrow(expect.objectContaining(refused));
    expect(String(catchError(long)).length).toBeLessThan(400);
  });
});

describe("L18: the limits of a value", () => {
  it("a value that shares its parts until no row could hold it is refused, before it fills the memory", () => {
    let shared: unknown = ["x"];
    for (let level = 0; level < 40; level++) shared = [shared, shared];
    expect(() => put(shared)).toThrow(expect.objectContaining(refused));
    expect(() => put({ list: { length: 1, all: Array(4e9) } })).toThrow(/"key\.list\.all".*500000/);
  });

  it("a value of as many parts as a row can hold is taken", () => {
    expect(put(Array(499_999).fill(0))).toHaveLength(499_999);
  });

  it("a long list is refused if it has a property, and taken if it has holes", () => {
    const long = Array.from({ length: 1000 }, (_, index) => ({ index }));
    expect(() => put({ long: Object.assign([...long], { total: 3 }) })).toThrow(
      /"key\.long".*the property "total"/,
    );
    delete long[500];
    expect(put(long)).toHaveLength(1000);
    expect(Object.keys(put(long) as object)).toHaveLength(1000);
  });

  it("the error about a circle names the first place that comes again", () => {
    const cycle: Record<string, unknown> = {};
    cycle["inner"] = { list: [1, cycle] };
    expect(() => put({ outer: cycle })).toThrow(/"key\.outer\.inner\.list\[1\]".*contains it/);
  });

  it("the error about a Map names no key of it", () => {
    const map = new Map<unknown, unknown>([["4111 1111", { a: [(): void => {}] }]]);
    expect(() => put({ cards: map })).toThrow(/"key\.cards\.\(value\)\.a\[0\]"/);
    expect(() => put({ cards: new Map([[{ b: Symbol("s") }, 1]]) })).toThrow(
      /"key\.cards\.\(key\)\.b"/,
    );
  });
});

function catchError(task: () => unknown): unknown {
  try {
    return task();
  } catch (error) {
    return error;
  }
}

describe("L18: a value that is read", () => {
  it("the value is the same as what was put", () => {
    fc.assert(
      fc.property(storable(), (value) => {
        expect(canonical(copyOut(put(value)))).toBe(canonical(value));
      }),
    );
  });

  it("no change to the value reaches the next reader", () => {
    fc.assert(
      fc.property(storable(), (value) => {
        const stored = put(value);
        const before = canonical(stored);
        const read = objectsIn(copyOut(stored));
        const next = objectsIn(copyOut(stored));
        for (const each of read.filter((each) => !Object.isFrozen(each))) {
          expect(next).not.toContain(each);
          spoil(each);
        }
        expect(canonical(stored)).toBe(before);
        expect(canonical(copyOut(stored))).toBe(before);
      }),
    );
  });

  it("the value is frozen, with all objects and arrays in it", () => {
    const read = copyOut(put({ a: [{ b: 1 }], at: new Date(1), list: [new Map()] })) as {
      a: { b: number }[];
      list: unknown[];
    };
    expect(Object.isFrozen(read)).toBe(true);
    expect(Object.isFrozen(read.a)).toBe(true);
    expect(Object.isFrozen(read.a[0])).toBe(true);
    expect(Object.isFrozen(read.list)).toBe(true);
  });

  it.each([
    ["Date", new Date(1), (value: unknown) => (value as Date).setTime(2)],
    ["Map", new Map([["a", 1]]), (value: unknown) => (value as Map<string, number>).clear()],
    ["Set", new Set(["a"]), (value: unknown) => (value as Set<string>).clear()],
    ["typed array", Uint8Array.of(1), (value: unknown) => (value as Uint8Array).fill(2)],
  ])("a %s is a fresh copy, wherever it stands", (_, value, change) => {
    for (const wrap of [(v: unknown) => v, (v: unknown) => ({ v }), (v: unknown) => [[v]]]) {
      const stored = put(wrap(value));
      const before = canonical(stored);
      const read = copyOut(stored);
      const inner = wrap(value) === value ? read : Object.values(read as object).flat()[0];
      change(inner);
      expect(canonical(stored)).toBe(before);
      expect(canonical(copyOut(stored))).toBe(before);
    }
  });
});
