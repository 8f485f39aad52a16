import { ADAPTER_CASES } from "./adapter-cases.ts";
import { AdapterWorld } from "./adapter-world.ts";
import type { OpenAdapter } from "./open-adapter.ts";

/** A case of {@link adapterContract}, for any test runner. */
export type AdapterContractCase = readonly [title: string, run: () => Promise<void>];

/**
 * Gives what Sojourn requires of an adapter, as cases for any test runner, with a table and with sealed cookies. Each
 * case opens an application with the adapter, asks it as browsers do, and closes it.
 * @example
 * ```ts
 * import { test } from "node:test";
 * import { withSession } from "sojourn/adapter";
 * import { adapterContract } from "sojourn/testing";
 *
 * const contract = adapterContract(({ sessions, handle }) => ({
 *   fetch: (request) =>
 *     withSession(sessions, request, async (session) => {
 *       const { status, body, location } = await handle(session, new URL(request.url).pathname);
 *       return new Response(body, { status, headers: location ? { location } : {} });
 *     }),
 * }));
 * for (const [title, run] of contract) void test(title, run);
 * ```
 */
export function adapterContract(open: OpenAdapter): readonly AdapterContractCase[] {
  return ADAPTER_CASES.flatMap(({ title, stores, run }) =>
    stores.map((kind): AdapterContractCase => [
      `${title} (${kind === "table" ? "a table" : "sealed cookies"})`,
      async () => {
        const world = new AdapterWorld(kind);
        await world.open(open);
        try {
          await run(world);
        } finally {
          await world.close();
        }
      },
    ]),
  );
}
