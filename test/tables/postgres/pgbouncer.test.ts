/** L5: PostgreSQL behind PgBouncer in transaction mode, where two statements of one client may run on two connections. */
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { SessionTable } from "../../../src/core/store.ts";
import { postgresTable } from "../../../src/tables/postgres.ts";
import { testContract } from "../../contracts/tables/whole-table.ts";
import { Crowd } from "../../support/servers/crowd.ts";
import { pgbouncerProgram, startPgbouncer } from "../../support/tables/pgbouncer.ts";
import type { Pooler } from "../../support/tables/pgbouncer.ts";
import { POSTGRES_CLIENTS } from "../../support/servers/postgres-clients.ts";
import type { OpenPostgresClient } from "../../support/servers/postgres-clients.ts";
import { hasPostgres, somePostgres } from "../../support/servers/postgres.ts";
import type { PostgresServer } from "../../support/servers/postgres.ts";
import { pause, tell } from "../../support/servers/servers.ts";

/** Gives three rows, and then fails. */
const FAILS = "SELECT i, 1 / (4 - i) FROM generate_series(1, 10) i";

const table = `pooled_${randomUUID().replaceAll("-", "_")}`;

describe.skipIf(!hasPostgres || pgbouncerProgram === undefined)(
  "L5: the PostgreSQL table behind PgBouncer in transaction mode",
  () => {
    let server: PostgresServer;
    let pooler: Pooler;
    beforeAll(async () => {
      server = await somePostgres();
      pooler = await startPgbouncer(server.url);
    }, 60_000);
    afterAll(async () => {
      await pooler?.stop();
      await server?.stop();
    });

    describe.each(POSTGRES_CLIENTS)("by %s", (name, openClient) => {
      let opened: OpenPostgresClient;
      let second: OpenPostgresClient;
      beforeEach(async () => {
        opened = await openClient(pooler.url);
        second = await openClient(pooler.url);
        await postgresTable(opened.client, { table, prepare: false }).migrate();
      });
      afterEach(async () => {
        await opened.close();
        await second.close();
      });

      testContract(
        () => ({
          table: postgresTable(opened.client, { table, prepare: false }),
          other: postgresTable(second.client, { table, prepare: false }),
          sendsAgain: true,
        }),
        {
          async failing() {
            const { client, close } = await openClient(pooler.url);
            return { table: postgresTable(client, { table, prepare: false }), fail: close };
          },
          notShown: ["several processes", "killed", "restart"],
        },
      );

      /** A crowd whose table may be another one for a while, by a client that others do not share. */
      const crowdOf = async (own: SessionTable) => {
        let current = own;
        const table = new Proxy(own, { get: (_, key) => Reflect.get(current, key) as unknown });
        const crowd = await Crowd.signIn(table);
        await crowd.workDuring(() => pause(200));
        return {
          crowd,
          async workThrough(other: SessionTable, event: () => Promise<unknown>) {
            current = other;
            await crowd.workDuring(event);
            current = own;
            await crowd.isServedAgain();
          },
        };
      };

      it("queries of the application that fail on the same connections lose nothing and sign nobody out", async () => {
        const { crowd, workThrough } = await crowdOf(
          postgresTable(opened.client, { table, prepare: false }),
        );
        const failures: unknown[] = [];
        await workThrough(postgresTable(second.client, { table, prepare: false }), async () => {
          for (let i = 0; i < 60; i++) {
            // postgres.js may leave such a query without an answer, so that nobody waits for it.
            second.run(FAILS).catch((error: unknown) => failures.push(error));
            await pause(5);
          }
        });
        const { done, failed, lost } = await crowd.inspect();
        tell(`${name}: failing queries, ${done} commits, ${failed} errors, ${lost} lost`);
        expect(lost).toBe(0);
        expect(done).toBeGreaterThan(20);
        expect(failures.map(String).join("\n")).toContain("division by zero");
      }, 60_000);

      it("statements that are prepared all the same, which an old PgBouncer mixes up, lose nothing and sign nobody out", async () => {
        const { crowd, workThrough } = await crowdOf(
          postgresTable(opened.client, { table, prepare: false }),
        );
        await workThrough(postgresTable(second.client, { table }), () => pause(500));
        const { done, failed, lost } = await crowd.inspect();
        tell(`${name}: prepared, ${done} commits, ${failed} errors, ${lost} lost`);
        expect(lost).toBe(0);
        expect(done).toBeGreaterThan(20);
      }, 60_000);
    });
  },
);
