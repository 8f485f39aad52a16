/** What happens if the address of a Redis moves to the replica, and the old connections stay with the old primary. */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { describe, expect, it } from "vitest";
import { redisTable } from "../../../src/tables/redis.ts";
import { World, read } from "../../contracts/tables/store-world.ts";
import { Proxy } from "../../support/servers/proxy.ts";
import { REDIS_CLIENTS } from "../../support/servers/redis-clients.ts";
import { ask, redisProgram, startRedis } from "../../support/servers/redis.ts";
import { until } from "../../support/servers/servers.ts";

interface Reconnecting {
  destroy(): void;
  connect(): Promise<unknown>;
}

describe.skipIf(redisProgram === undefined).each(REDIS_CLIENTS)(
  "Redis by %s, whose address moves",
  (name, openClient) => {
    it("L2: one write is refused, and the next one reaches the new primary", async () => {
      const old = await startRedis();
      const next = await startRedis([
        "--replicaof",
        `127.0.0.1 ${old.port}`,
        "--repl-diskless-sync-delay",
        "0",
      ]);
      const proxy = await Proxy.before(old.port);
      const { client, close } = await openClient(`redis://127.0.0.1:${proxy.port}`);
      const told: Promise<unknown>[] = [];
      // node-redis has no setting for it, so that the application does what docs/stores/redis.md says.
      const onError = (message: unknown): void => {
        const { error } = message as { readonly error: Error };
        if (!error.message.includes("READONLY")) return;
        const own = client as unknown as Reconnecting;
        own.destroy();
        told.push(own.connect());
      };
      if (name === "node-redis") subscribe("sojourn:store-error", onError);
      const world = new World(redisTable(client));
      const sessions = world.process();
      const browser = world.browser(sessions);
      const write = (n: number): Promise<unknown> =>
        browser.visit((conn) => sessions.putSession(conn, "n", n));
      await write(1);
      await write(2);
      await until("a replica that has it all", async () => {
        const info = await ask(next.port, "INFO replication");
        const [, behind] = /slave_repl_offset:(\d+)/.exec(info) ?? [];
        const [, offset] =
          /master_repl_offset:(\d+)/.exec(await ask(old.port, "INFO replication")) ?? [];
        return info.includes("master_link_status:up") && behind === offset;
      });
      await ask(next.port, "REPLICAOF NO ONE");
      await ask(old.port, `REPLICAOF 127.0.0.1 ${next.port}`);
      proxy.moveTo(next.port);
      await expect(write(3)).rejects.toMatchObject({
        code: "ERR_SESSION_STORE",
        cause: { message: expect.stringMatching("^READONLY ") },
      });
      await Promise.all(told);
      await until("a write at the new primary", async () =>
        write(4).then(
          () => true,
          () => false,
        ),
      );
      expect(await read(browser)).toEqual({ n: 4 });
      if (name === "node-redis") unsubscribe("sojourn:store-error", onError);
      close();
      await proxy.close();
      await Promise.all([old.stop(), next.stop()]);
    }, 30_000);
  },
);
