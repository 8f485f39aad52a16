import { Asked } from "./asked.ts";
import { MAX_CANDIDATES } from "../cookie/read-cookies.ts";
import { fewAtOnce } from "../few-at-once.ts";
import type { ResolvedOptions } from "../options/read-options.ts";
import type { StoredSession } from "../store.ts";
import { open, openedOnce } from "./load.ts";

/** What became of cookies that were tried. */
export interface Tried {
  /** The sessions that they opened, each once. */
  readonly opened: readonly StoredSession[];
  /** What the store has thrown, and for which no cookie was refused. */
  readonly failures: readonly unknown[];
}

/** Tries cookies that were too many for a load, a few at a time. A failure stops no other try. */
export async function tryAll(options: ResolvedOptions, cookies: readonly string[]): Promise<Tried> {
  const asked = new Asked();
  const at = options.now();
  const tried = await fewAtOnce([...new Set(cookies)], MAX_CANDIDATES, async (cookie) =>
    open(options, cookie, await options.backend.find(cookie, asked), at),
  );
  return {
    opened: openedOnce(
      tried.flatMap((each) => (each.status === "fulfilled" ? [each.value.result] : [])),
    ),
    failures: tried.flatMap((each) => (each.status === "rejected" ? [each.reason as unknown] : [])),
  };
}
