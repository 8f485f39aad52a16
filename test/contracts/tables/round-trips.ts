/** The round trips to a database's server that docs/operate/scaling.md tells of, counted on the way to it. */
import { expect, it } from "vitest";
import type { SessionTable } from "../../../src/core/store.ts";
import type { Awaitable } from "../../../src/core/awaitable.ts";
import { NOW, newKey } from "../../../src/testing/contract/case.ts";
import { Proxy } from "../../support/servers/proxy.ts";
import { World, read } from "./store-world.ts";

/** A table whose client has one way to the server. */
interface Counted {
  readonly table: SessionTable;
  close(): Awaitable<void>;
}

/** How to reach a server twice. Asked for in the test: before it, there is no server. */
export interface Ways {
  readonly url: () => string;
  /** The table by way of a proxy's URL. */
  readonly count: (url: string) => Promise<Counted>;
  /** The same rows by a way that is not counted. */
  readonly elsewhere: () => SessionTable;
  /** How many trips a write takes that meets another one: 2 where the answer to a conflict is the row. */
  readonly conflict?: number;
}

export function testRoundTrips({ url, count, elsewhere, conflict = 2 }: Ways): void {
  it("a read takes one round trip, an unchanged session none, a write one, and a conflict as many as its table needs", async () => {
    const address = new URL(url());
    const proxy = await Proxy.before(Number(address.port));
    address.host = `127.0.0.1:${proxy.port}`;
    const { table, close } = await count(address.href);
    try {
      const world = new World(table);
      const here = world.process();
      const one = world.browser(here);
      const there = world.elsewhere(one, world.process(elsewhere()));
      const trips = async (task: () => Promise<unknown>): Promise<number> => {
        const before = proxy.trips;
        await task();
        return proxy.trips - before;
      };
      // Scripts get known and statements prepared, and what the client asks when it connects is asked.
      await table.touch(newKey(), 1, NOW, NOW);
      await table.delete(newKey());
      await table.delete(newKey(), 1);
      await one.visit((conn) => here.putSession(conn, "n", 0));
      await one.visit((conn) => here.putSession(conn, "n", 1));
      there.jar.take(one.jar.cookies.map(String));

      const put = (): Promise<unknown> => one.visit((conn) => here.putSession(conn, "n", 2));
      expect(await trips(() => one.visit(() => {}))).toBe(1);
      expect(await trips(() => one.visit((conn) => here.getSession(conn, "n")))).toBe(1);
      expect(await trips(put)).toBe(2);
      expect(await trips(put)).toBe(1); // The same value: nothing to write.
      const conflicting = await one.begin();
      await there.visit((conn) => there.sessions.putSession(conn, "a", "from there"));
      conflicting.run((conn) => here.putSession(conn, "n", 3));
      expect(await trips(() => one.receive(conflicting))).toBe(conflict); // Two writes, and the read between them if there is one.
      expect(await read(one)).toEqual({ n: 3, a: "from there" });
      world.time.pass(6 * 60);
      await here.list("nobody"); // Reads the mark of revokeBefore.
      expect(await trips(() => one.visit((conn) => here.getSession(conn, "n")))).toBe(2); // read, touch
      expect(await trips(() => one.visit((conn) => here.dropSession(conn)))).toBe(2);
      const two = world.browser(here);
      expect(await trips(() => two.visit((conn) => here.putSession(conn, "n", 1)))).toBe(1);
    } finally {
      await close();
      await proxy.close();
    }
  });
}
