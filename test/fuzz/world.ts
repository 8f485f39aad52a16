/** What is attacked: real stores, and cookies that they have issued, or others have, all made from a seed. */
import { readOptions } from "../../src/core/options/read-options.ts";
import type { SessionStore } from "../../src/core/store.ts";
import { cookieStore } from "../../src/stores/cookie/cookie-store.ts";
import { MemoryTable } from "../../src/tables/memory/memory-table.ts";
import { lasting } from "../support/tables/lasting.ts";
import { tableStore } from "../../src/stores/table/table-store.ts";
import { openSoon } from "../support/stores/open-now.ts";
import { NAMES, NOW } from "./issued.ts";
import type { Cookies } from "./issued.ts";
import { tableCookies } from "./issued-rows.ts";
import { sealedCookies } from "./issued-seals.ts";
import { Random } from "./random.ts";
import { keyedForm } from "./row-forms.ts";
import { Target } from "./target.ts";

const SECRETS = [
  "vQ4mT9xZ2kLr7WnB5sYc8HdJ1fGp6AuE",
  "Ue6uAp6Gf1JdH8cYs5BnW7rLk2Zx9Tm4Qv",
  "kD2s-Yq8RzT_5hXc0WbN7jVf3MpL6gEa",
] as const;

export interface World {
  readonly targets: readonly Target[];
  /** What inputs are made of. */
  readonly collections: readonly Cookies[];
}

/** @param alter puts something between the stores and who asks them: a test of the fuzzer breaks them so */
export async function createWorld(
  seed: number,
  alter: (store: SessionStore) => SessionStore = (store) => store,
): Promise<World> {
  const random = new Random(seed, -1);
  const [first, second, third] = SECRETS;
  const table = new MemoryTable(Infinity);
  // A secret seals for the one store, and for the other, which seals with a newer one by now.
  const one = alter(cookieStore({ secret: first }));
  const three = alter(cookieStore({ secret: [second, first, third] }));
  const revoking = cookieStore({ secret: first, revocations: lasting(table) });
  const rows = alter(tableStore({ table }));
  // The rows of all three stand in one table: those without a secret, and those of a secret that is being rotated.
  const sealed = alter(tableStore({ table, secret: first }));
  const rotating = alter(tableStore({ table, secret: [second, first] }));

  const targets: Target[] = [];
  const collections: Cookies[] = [];
  for (const name of NAMES) {
    const mine = sealedCookies(random, first, name);
    const others = [second, third].map((secret) => sealedCookies(random, secret, name));
    const kept = tableCookies(random, table, name);
    const [keyed, newer, foreign] = SECRETS.map((secret) =>
      tableCookies(
        random,
        table,
        name,
        keyedForm(name, secret),
        `${name} by ${secret.slice(0, 2)}`,
      ),
    ) as [Cookies, Cookies, Cookies];
    const gone = mine.issued.filter((each) => each.gone);
    const left = mine.issued.filter((each) => !each.gone);
    for (const { value } of gone) await logOut(revoking, name, value);
    targets.push(
      new Target("a secret and revocations", name, alter(revoking), [{ ...mine, issued: left }]),
      new Target("one secret", name, one, [mine]),
      new Target("three secrets", name, three, [mine, ...others]),
      new Target("a table", name, rows, [kept]),
      new Target("a table with a secret", name, sealed, [keyed]),
      new Target("a table whose secret is rotated", name, rotating, [keyed, newer]),
    );
    collections.push(mine, ...others, kept, keyed, newer, { ...foreign, issued: [] }); // No store has the third secret in a table.
  }
  return { targets, collections };
}

async function logOut(store: SessionStore, name: string, value: string): Promise<void> {
  const { backend } = readOptions({ store, key: name, now: () => NOW });
  const session = await openSoon(backend, value, NOW);
  const done = "refused" in session ? session : await session.drop(undefined);
  if (!("endedId" in done)) throw new Error(`a cookie called ${name} did not log out`);
}
