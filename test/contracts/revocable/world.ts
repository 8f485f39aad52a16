/** What the cases about revocable cookies work with. */
import type { SessionOptions } from "../../../src/core/options/session-options.ts";
import type { SessionTable } from "../../../src/core/store.ts";
import type { Sessions } from "../../../src/core/types.ts";
import { cookieStore } from "../../../src/stores/cookie/cookie-store.ts";
import { refusals } from "../../support/events.ts";
import { SECRET } from "../../support/secrets.ts";
import { lasting } from "../../support/tables/lasting.ts";
import { SubjectsWorld } from "../subjects/world.ts";
import type { Data, Person } from "../subjects/world.ts";

export type RevocableCase = readonly [title: string, run: (world: RevocableWorld) => Promise<void>];

/** Seconds for which a renewed seal reads. */
export const GRACE = 10;

export class RevocableWorld extends SubjectsWorld {
  /** The sessions of a process of its own, whose revocations are in the table. */
  override process(
    options: Partial<SessionOptions<Data>> & { readonly staleness?: number } = {},
    table: SessionTable = this.table,
  ): Sessions<Data> {
    const { staleness, ...others } = options;
    const revocations = table.forgets ? lasting(table) : table;
    const store = cookieStore({ secret: SECRET, revocations, staleness });
    return super.process({ store, renewGrace: GRACE, ...others });
  }
}

/** The session's public name, which is within the seal. */
export async function handleOf({ browser, sessions }: Person): Promise<string> {
  const { result } = await browser.visit((conn) => {
    const session = sessions.of(conn);
    const { handle = "" } = session;
    session.configure("ignore", true);
    return handle;
  });
  return result;
}

/** What a cookie is refused for, if it is. */
export async function refusalOf({ browser, sessions }: Person): Promise<readonly string[]> {
  return refusals((await browser.visit((conn) => sessions.getSession(conn))).events);
}
