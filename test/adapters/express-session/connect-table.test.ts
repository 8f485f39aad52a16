/** Stores of express-session as tables: the published contract, and what becomes of two processes. */
import type { Store } from "express-session";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MemoryStore, connectTable } from "../../../src/adapters/express-session.ts";
import { NOW, newKey, row } from "../../../src/testing/contract/case.ts";
import { testContract } from "../../contracts/tables/whole-table.ts";
import { STORE_KINDS } from "./connect-stores.ts";
import type { OpenedStore } from "./connect-stores.ts";

/** Laws for which these stores have nothing to show: no other process, no `getMany`, no sweep of ours. */
const NOT_SHOWN = ["getMany", "processes", "killed", "restart", "sweep", "fails"];

describe.each(STORE_KINDS)("a table over $name", ({ missing, open }) => {
  let opened: OpenedStore;
  beforeAll(async () => {
    if (!missing) opened = await open();
  });
  afterAll(() => opened?.close());

  describe.skipIf(missing).each(["one", "many"] as const)("with { processes: %j }", (processes) => {
    const openTable = () => ({
      table: connectTable(opened.store, { processes }),
      other: connectTable(opened.store, { processes }),
      sendsAgain: processes === "many",
    });
    testContract(openTable, { notShown: NOT_SHOWN });
  });
});

/** A handle on the store that waits for nobody else's: what another process has. */
function otherProcess(store: Store): Store {
  const other = new MemoryStore();
  other.get = (id, done) => store.get(id, done);
  other.set = (id, session, done) => store.set(id, session, done);
  other.destroy = (id, done) => store.destroy(id, done);
  return other;
}

describe("L7: two processes over one store of express-session", () => {
  async function lateWrite(processes: "one" | "many") {
    const store = new MemoryStore();
    const other = otherProcess(store);
    const [ours, theirs] = [store, other].map((each) => connectTable(each, { processes }));
    const key = newKey();
    await ours?.insert(key, row("first", 1), NOW);
    // The other process has read the row, and is about to write it.
    const set = other.set.bind(other);
    other.set = (id, session, done) => {
      void Promise.resolve(ours?.delete(key)).then(() => set(id, session, done));
    };
    const answer = await theirs?.replace(key, 1, row("late", 2), NOW);
    return { answer, there: await ours?.get(key) };
  }

  it("a late write of another process brings nothing back, by the mark", async () => {
    expect(await lateWrite("many")).toEqual({ answer: "gone", there: undefined });
  });

  it("without the mark it does, so that one process is what the option says", async () => {
    expect((await lateWrite("one")).there).toBeDefined();
  });

  it("a row beside a mark is destroyed by a read, and the mark outlives it", async () => {
    const store = new MemoryStore();
    const table = connectTable(store, { processes: "many" });
    const key = newKey();
    await table.insert(key, row("first", 1), NOW);
    const { sessions } = store as unknown as { sessions: Record<string, string> };
    const late = String(sessions[key]);
    await table.delete(key);
    sessions[key] = late; // As a process writes it that has lost its look for the mark.
    const age = (id: string): number =>
      (JSON.parse(String(sessions[id])) as { cookie: { originalMaxAge: number } }).cookie
        .originalMaxAge;
    expect(age(`ended.${key}`)).toBeGreaterThan(age(key));
    expect(await table.get(key)).toBeUndefined();
    expect(Object.keys(sessions)).toEqual([`ended.${key}`]);
  });

  it("an insert that arrives after the end finds the mark", async () => {
    const table = connectTable(new MemoryStore(), { processes: "many" });
    const key = newKey();
    await table.insert(key, row("first", 1), NOW);
    await table.delete(key);
    expect(await table.insert(key, row("first", 1), NOW)).toBe(false);
  });
});

describe("L1: what connectTable cannot use", () => {
  it.each([
    [{}, { processes: "one" }],
    [new MemoryStore(), {}],
    [new MemoryStore(), { processes: "two" }],
  ])("a store or an option that cannot work is refused", (store, options) => {
    expect(() => connectTable(store, options as never)).toThrow(
      expect.objectContaining({ code: "ERR_SESSION_CONFIG" }),
    );
  });
});
