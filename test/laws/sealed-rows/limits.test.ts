import { describe, expect, it } from "vitest";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { SECRET } from "../../support/secrets.ts";
import { SealedWorld } from "../../support/stores/sealed-world.ts";

const WITH = { secret: SECRET };

describe("L17: the limit of a sealed row", () => {
  it("the text that is stored is judged, not the text that is sealed", async () => {
    const world = new SealedWorld();
    const text = "0123456789".repeat(75_000);
    const [plain, sealed] = [world.process({}), world.process(WITH)];
    const visitor = await world.signedIn(plain);
    await visitor.put(plain, text);
    const other = await world.signedIn(sealed);
    await expect(other.put(sealed, text)).rejects.toMatchObject({
      code: "ERR_SESSION_NOT_SERIALIZABLE",
    });
    await other.put(sealed, text.slice(0, 740_000));
    expect(world.rowOf(other).value.length).toBeGreaterThan(980_000);
    expect(world.rowOf(other).value.length).toBeLessThanOrEqual(1_000_000);
  });

  it.each([
    ["without a secret", {}, 1],
    ["with a secret", WITH, 4 / 3],
  ] as const)("the largest value of a table is its limit, %s", async (_name, store, factor) => {
    const world = new SealedWorld();
    const table = Object.assign(world.table, { maxValue: 4_000 });
    const sessions = world.process(store);
    const visitor = await world.signedIn(sessions);
    const most = Math.floor((4_000 - 400) / factor) - 100;
    await visitor.put(sessions, "a".repeat(most));
    await expect(visitor.put(sessions, "a".repeat(most + 600))).rejects.toThrow(/holds 4000/);
    for (const { value } of table.rows.values()) expect(value.length).toBeLessThanOrEqual(4_000);
  });
});

describe("L1: the options of a sealed table", () => {
  it.each([
    [{ secret: undefined }, /secret is missing/],
    [{ secret: [SECRET, undefined] }, /secret\[1\] is missing/],
    [{ secret: "short" }, /32 bytes or more/],
    [{ secret: [SECRET, SECRET] }, /the same secret twice/],
    [{ seal: false }, /give secret as well/],
    [{ unsealedUntil: new Date() }, /give secret as well/],
    [{ secret: SECRET, seal: "no" }, /seal must be true or false/],
    [{ secret: SECRET, seal: false, unsealedUntil: new Date() }, /leave one of them out/],
    [{ secret: SECRET, unsealedUntil: "tomorrow" }, /valid Date/],
    [{ secret: SECRET, unsealedUntil: new Date("never") }, /valid Date/],
    [{ secrets: [SECRET] }, /does not know the option "secrets"/],
  ])("a table store cannot be made with %j", (options, message) => {
    const make = (): unknown => tableStore({ table: createTable(), ...(options as object) });
    expect(make).toThrow(expect.objectContaining({ code: "ERR_SESSION_CONFIG" }));
    expect(make).toThrow(message);
  });
});
