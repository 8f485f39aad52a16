import { describe, expect, it } from "vitest";
import type { Sessions } from "../../../src/core/types.ts";
import { HOUR } from "../../support/clock.ts";
import { refusals } from "../../support/events.ts";
import { SECRET } from "../../support/secrets.ts";
import { SealedWorld, staySignedIn } from "../../support/stores/sealed-world.ts";
import type { Data } from "../../support/stores/sealed-world.ts";

type Machines = Readonly<Record<"plain" | "reading" | "sealing" | "after", Sessions<Data>>>;

/** One table, and the machines of each deployment over it. Unsealed rows are accepted for two hours. */
function deployments(options: { readonly limit?: number } = {}): SealedWorld & Machines {
  const world = new SealedWorld();
  const unsealedUntil = new Date(world.time.now() + 2 * HOUR * 1000);
  return Object.assign(world, {
    plain: world.process({}, options),
    reading: world.process({ secret: SECRET, seal: false }, options),
    sealing: world.process({ secret: SECRET, unsealedUntil }, options),
    after: world.process({ secret: SECRET }, options),
  });
}

const isSealed = (value: string): boolean => value.startsWith("x");

describe("L3: a secret that is switched on", () => {
  it.each([
    ["the first deployment", "plain", "reading"],
    ["the second deployment", "reading", "sealing"],
  ] as const)(
    "%s logs nobody out while old and new machines answer in any order",
    async (_, old, next) => {
      const world = deployments();
      await staySignedIn(world, [world[old], world[next]]);
    },
  );

  it("the first deployment writes as before, and the second seals", async () => {
    const world = deployments();
    const visitor = await world.signedIn(world.reading);
    expect([...world.table.rows.values()].some(({ value }) => isSealed(value))).toBe(false);
    expect(visitor.cookie).toHaveLength(64);
    const { pair } = visitor;
    await visitor.look(world.sealing);
    expect(visitor.cookie).toHaveLength(84);
    expect(visitor.pair).toBe(pair);
    expect(isSealed(world.rowOf(visitor).value)).toBe(true);
    expect((await visitor.look(world.reading)).result).toBe("ann");
    // A machine of the first deployment does not take the authenticator away again.
    expect(visitor.cookie).toHaveLength(84);
  });

  it("a session that was used in time is sealed, and lives on after the date", async () => {
    const world = deployments();
    const visitor = await world.signedIn(world.plain);
    await visitor.look(world.sealing);
    world.time.pass(HOUR / 2);
    await visitor.look(world.sealing);
    for (let n = 0; n < 4; n++) {
      world.time.pass(HOUR / 2);
      expect((await visitor.look(world.sealing)).result).toBe("ann");
    }
    expect((await visitor.look(world.after)).result).toBe("ann");
  });

  it("from the date on a cookie without an authenticator is refused, and the table is not asked", async () => {
    const world = deployments();
    world.time.pass(2 * HOUR - 1);
    const visitor = await world.signedIn(world.reading);
    expect((await visitor.pass(world.sealing)).setCookie).toBeUndefined();
    world.time.pass(1);
    world.table.calls.length = 0;
    const answer = await visitor.look(world.sealing);
    expect([answer.result, refusals(answer.events)]).toEqual([undefined, ["malformed"]]);
    expect(world.table.calls).toEqual([]);
  });

  it("from the date on a row without a seal is refused, also by a process that has read it before", async () => {
    const world = deployments();
    world.time.pass(2 * HOUR - 1);
    const visitor = await world.signedIn(world.sealing);
    // A machine of the first deployment writes the row without a seal again.
    await visitor.put(world.reading, "n");
    expect(isSealed(world.rowOf(visitor).value)).toBe(false);
    expect((await visitor.look(world.sealing)).result).toBe("ann");
    world.time.pass(1);
    const answer = await visitor.look(world.sealing);
    expect([answer.result, refusals(answer.events)]).toEqual([undefined, ["forged"]]);
  });

  it.each([
    ["before", "reading", "sealing"],
    ["after", "sealing", "reading"],
  ] as const)(
    "list, revoke, revokeOne and limit reach sessions that were entered %s the second deployment",
    async (_name, one, other) => {
      const world = deployments({ limit: 3 });
      const [a, b] = [await world.signedIn(world[one]), await world.signedIn(world[other])];
      world.time.pass(1);
      const c = await world.signedIn(world[one]);
      expect(await world[other].list("ann")).toHaveLength(3);
      world.time.pass(1);
      await world.signedIn(world[other]);
      expect(await world[one].list("ann")).toHaveLength(3);
      await world[other].revokeOne("ann", c.handle);
      expect((await c.look(world[one])).result).toBeUndefined();
      await world[other].revoke("ann");
      for (const visitor of [a, b]) expect((await visitor.look(world[one])).result).toBeUndefined();
      expect(await world[one].list("ann")).toEqual([]);
    },
  );

  it("a revocation after the date reaches a session that was entered in the list without a key", async () => {
    const world = deployments();
    world.time.pass(HOUR + HOUR / 2);
    const visitor = await world.signedIn(world.reading);
    await visitor.look(world.sealing);
    world.time.pass(HOUR / 2);
    // It was touched less than an interval ago by nobody, and stands only in the list without a key.
    expect(await world.sealing.list("ann")).toHaveLength(1);
    await world.sealing.revoke("ann");
    expect((await visitor.look(world.sealing)).result).toBeUndefined();
  });
});
