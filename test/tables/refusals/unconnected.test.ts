import { createPool } from "mysql2/promise";
import { describe, expect, it } from "vitest";
import type { SessionTable } from "../../../src/core/store.ts";
import { mysqlTable } from "../../../src/tables/mysql.ts";
import { postgresTable } from "../../../src/tables/postgres.ts";
import { World } from "../../contracts/tables/store-world.ts";
import { POSTGRES_CLIENTS } from "../../support/servers/postgres-clients.ts";
import { freePort } from "../../support/servers/servers.ts";

type Open = (port: number) => Promise<{ table: SessionTable; close(): unknown }>;

const CLIENTS: readonly (readonly [name: string, open: Open])[] = [
  ...POSTGRES_CLIENTS.map(([name, openClient]): readonly [string, Open] => [
    name,
    async (port) => {
      const { client, close } = await openClient(`postgres://app@127.0.0.1:${port}/app`);
      return { table: postgresTable(client), close };
    },
  ]),
  [
    "mysql2",
    async (port) => {
      const pool = createPool({ uri: `mysql://app@127.0.0.1:${port}/app` });
      return { table: mysqlTable(pool), close: () => pool.end() };
    },
  ],
];

describe.each(CLIENTS)("L2: a server that %s cannot reach", (_name, open) => {
  it("a write is not settled by a read, because nothing was sent", async () => {
    const { table, close } = await open(await freePort());
    const world = new World(table);
    const sessions = world.process();
    const write = world.browser(sessions).visit((conn) => sessions.putSession(conn, "n", 1));
    await expect(write).rejects.toMatchObject({
      code: "ERR_SESSION_STORE",
      message: expect.stringMatching(/nothing was written/),
      cause: { code: "ECONNREFUSED" },
    });
    await close();
  });
});
