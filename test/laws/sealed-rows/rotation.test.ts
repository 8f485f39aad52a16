import { describe, expect, it } from "vitest";
import type { Sessions } from "../../../src/core/types.ts";
import { refusals } from "../../support/events.ts";
import { OLD_SECRET, SECRET } from "../../support/secrets.ts";
import { SealedWorld, staySignedIn } from "../../support/stores/sealed-world.ts";
import type { Data, Visitor } from "../../support/stores/sealed-world.ts";

type Machines = Readonly<Record<"before" | "appended" | "moved" | "after", Sessions<Data>>>;

/** One table, and the machines of each deployment over it. */
function rotation(options: { readonly limit?: number } = {}): SealedWorld & Machines {
  const world = new SealedWorld();
  return Object.assign(world, {
    before: world.process({ secret: OLD_SECRET }, options),
    appended: world.process({ secret: [OLD_SECRET, SECRET] }, options),
    moved: world.process({ secret: [SECRET, OLD_SECRET] }, options),
    after: world.process({ secret: SECRET }, options),
  });
}

function handles(listed: readonly { readonly handle: string }[]): readonly string[] {
  return listed.map(({ handle }) => handle).toSorted();
}

describe("L3: the rotation of a table's secrets", () => {
  it("a request that looks sends the same token anew, with the authenticator of the first secret", async () => {
    const world = rotation();
    const visitor = await world.signedIn(world.appended);
    const { pair, keyId } = visitor;
    const passed = await visitor.pass(world.moved);
    expect(passed.setCookie).toBeUndefined();
    const looked = await visitor.look(world.moved);
    expect(looked.result).toBe("ann");
    expect(visitor.pair).toBe(pair);
    expect(visitor.keyId).not.toBe(keyId);
    const again = await visitor.look(world.moved);
    expect([again.result, again.setCookie]).toEqual(["ann", undefined]);
    // The row and its digest are those of the first secret by now.
    expect((await visitor.look(world.after)).result).toBe("ann");
  });

  it("a request that writes sends it anew as well, and the cookie from before still opens", async () => {
    const world = rotation();
    const visitor = await world.signedIn(world.before);
    const old = visitor.cookie;
    await visitor.put(world.moved, "n");
    expect(visitor.cookie).not.toBe(old);
    visitor.browser.jar.take([`sid=${old}; Path=/; Secure`]);
    expect((await visitor.look(world.appended)).result).toBe("ann");
  });

  it.each([
    ["append", "before", "appended"],
    ["move to the front", "appended", "moved"],
    ["remove", "moved", "after"],
  ] as const)(
    "the step '%s' logs nobody out while old and new machines answer in any order",
    async (_step, old, next) => {
      const world = rotation();
      await staySignedIn(world, [world[old], world[next]]);
    },
  );

  it("the cookie of a removed secret is refused, and the table is not asked", async () => {
    const world = rotation();
    const visitor = await world.signedIn(world.before);
    world.table.calls.length = 0;
    const answer = await visitor.look(world.after);
    expect([answer.result, refusals(answer.events)]).toEqual([undefined, ["forged"]]);
    expect(world.table.calls).toEqual([]);
  });

  it("a retired token reads its snapshot, whichever secret has made its digest", async () => {
    const world = rotation();
    const visitor = await world.signedIn(world.appended);
    const old = visitor.cookie;
    await visitor.logIn(world.moved, "ann");
    visitor.browser.jar.take([`sid=${old}; Path=/; Secure`]);
    const answer = await visitor.look(world.appended);
    expect([answer.result, answer.setCookie]).toEqual(["ann", undefined]);
    await expect(visitor.put(world.appended, "no")).resolves.toMatchObject({
      events: [expect.objectContaining({ name: "stop", reason: "retired" })],
    });
  });
});

describe("L3: a subject whose sessions stand under two secrets", () => {
  const ways = [
    ["the old one first, then the new one", "appended", "moved"],
    ["the new one first, then the old one", "moved", "appended"],
  ] as const;

  async function two(one: keyof Machines, other: keyof Machines, limit?: number) {
    const world = rotation(limit === undefined ? {} : { limit });
    const a = await world.signedIn(world[one]);
    world.time.pass(1);
    const b = await world.signedIn(world[other]);
    world.time.pass(1);
    expect(world.sideRows()).toHaveLength(2);
    return { world, a, b, both: [a, b] as readonly Visitor[] };
  }

  it.each(ways)("list gives both, %s", async (_name, one, other) => {
    const { world, both } = await two(one, other);
    const all = both.map(({ handle }) => handle).toSorted();
    for (const machine of [world.appended, world.moved]) {
      expect(handles(await machine.list("ann"))).toEqual(all);
    }
  });

  it.each(ways)("revoke ends both, %s", async (_name, one, other) => {
    const { world, both } = await two(one, other);
    await world.moved.revoke("ann");
    for (const visitor of both) {
      for (const machine of [world.appended, world.moved]) {
        expect((await visitor.look(machine)).result).toBeUndefined();
      }
    }
    expect(await world.appended.list("ann")).toEqual([]);
  });

  it.each(ways)(
    "revoke spares the one that it names, and a later one does not, %s",
    async (_, one, other) => {
      const { world, a, b } = await two(one, other);
      await world[other].revoke("ann", { except: a.handle });
      expect((await a.look(world[other])).result).toBe("ann");
      expect((await b.look(world[one])).result).toBeUndefined();
      await world[one].revoke("ann");
      expect((await a.look(world[other])).result).toBeUndefined();
    },
  );

  it.each(ways)("revokeOne ends the one that it names, %s", async (_name, one, other) => {
    const { world, a, b } = await two(one, other);
    await world[other].revokeOne("ann", a.handle);
    expect((await a.look(world[one])).result).toBeUndefined();
    expect((await b.look(world[one])).result).toBe("ann");
  });

  it.each(ways)("the limit counts both, and ends the oldest, %s", async (_name, one, other) => {
    const { world, a, b } = await two(one, other, 2);
    const c = await world.signedIn(world[one]);
    expect((await a.look(world[other])).result).toBeUndefined();
    expect((await b.look(world[other])).result).toBe("ann");
    expect((await c.look(world[other])).result).toBe("ann");
  });

  it.each(ways)(
    "a touch finds the session in its list, and enters it in no other, %s",
    async (_, one, other) => {
      const { world, a } = await two(one, other);
      const texts = new Map(
        world.sideRows().map((key) => [key, world.table.rows.get(key)?.version]),
      );
      world.time.pass(600);
      await a.look(world[other]);
      expect(
        new Map(world.sideRows().map((key) => [key, world.table.rows.get(key)?.version])),
      ).toEqual(texts);
    },
  );

  it.each(ways)("a log-out leaves the list in which it stands, %s", async (_name, one, other) => {
    const { world, a, b } = await two(one, other);
    await a.logOut(world[other]);
    expect(handles(await world[one].list("ann"))).toEqual([b.handle]);
  });
});
