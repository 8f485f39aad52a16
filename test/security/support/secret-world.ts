/** Machines of one application that have the sealed cookie, each with secrets of its own. */
import type { Sessions } from "../../../src/core/types.ts";
import { newSecret } from "../../../src/crypto/secret.ts";
import type { Secret } from "../../../src/crypto/secret.ts";
import { cookieStore } from "../../../src/stores/cookie/cookie-store.ts";
import { confide } from "../../support/leaks.ts";
import type { Place } from "./stores.ts";
import { World } from "./world.ts";
import type { Data } from "./world.ts";

export function secretOf(): string {
  return confide(newSecret());
}

export interface Apart {
  readonly world: World;
  readonly machine: (secret: Secret, key?: string) => Sessions<Data>;
}

export function apart(): Apart {
  const place: Place = {
    store: () => cookieStore({ secret: secretOf() }),
    table: undefined,
    dump: async () => "",
    rows: new Set(),
    asked: [],
  };
  const world = new World(place);
  return {
    world,
    machine: (secret, key = "sid") => world.sessions({ key }, cookieStore({ secret })),
  };
}
