import { expect, test } from "vitest";
import type { HostDriver, Incoming } from "../contracts/hosts/app.ts";
import { fly } from "../contracts/hosts/canaries.ts";
import { fastifyHttp2Host } from "../contracts/hosts/drivers/fastify.ts";
import { nodeHost } from "../contracts/hosts/drivers/node.ts";
import { storeKinds } from "../contracts/hosts/stores.ts";

/** A host that remembers one request for all: the one that came last. */
function confused(driver: HostDriver): HostDriver {
  return {
    ...driver,
    serve(app, options) {
      let last: Incoming["conn"];
      return driver.serve(
        {
          ...app,
          handle(incoming) {
            last = incoming.conn;
            return app.handle({
              ...incoming,
              get conn() {
                return last;
              },
            });
          },
        },
        options,
      );
    },
  };
}

test.each(
  storeKinds.flatMap((stores) =>
    [nodeHost, fastifyHttp2Host].map((driver) => ({ stores, driver })),
  ),
)(
  "the canaries sing when $driver.name confuses requests, with $stores.name",
  async ({ stores, driver }) => {
    expect((await fly({ driver, stores }, 400)).mixUps).toEqual([]);
    const { mixUps } = await fly({ driver: confused(driver), stores }, 400);
    expect(mixUps.join()).toMatch(/canary-\d+ at \d+: canary-/);
  },
);
