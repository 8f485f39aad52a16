/** PostgreSQL by the clients of ORMs, as docs/stores/orm.md tells: contract, orders, errors, set-up. */
import { randomBytes } from "node:crypto";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isRefused } from "../../../src/core/store-errors.ts";
import { postgresTable } from "../../../src/tables/postgres.ts";
import type { PgClient } from "../../../src/tables/postgres.ts";
import { NOW, newKey, row } from "../../../src/testing/contract/case.ts";
import { tableContract } from "../../../src/testing/contract/table-contract.ts";
import { PAIRS, explore } from "../../contracts/interleavings/interleavings.ts";
import { ORMS } from "../../support/orms/clients.mjs";
import type { OpenOrm } from "../../support/orms/clients.mjs";
import { hasPostgres, somePostgres } from "../../support/servers/postgres.ts";
import type { PostgresServer } from "../../support/servers/postgres.ts";

const table = `test_${randomBytes(8).toString("hex")}`;

/** Those whose client is not the pool of pg itself. */
const OWN_WAY: readonly string[] = ["Knex", "Sequelize", "TypeORM"];

describe.skipIf(!hasPostgres)("PostgreSQL by an ORM", () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await somePostgres();
  });
  afterAll(() => server?.stop());

  describe.each(ORMS)("PostgreSQL by %s", (name, openOrm) => {
    let opened: OpenOrm;
    const own = () => postgresTable(opened.client, { table });
    const open = async () => {
      await opened.run(`TRUNCATE ${table}`);
      return { table: own(), sendsAgain: true };
    };
    beforeAll(async () => {
      opened = await openOrm(server.url);
      await own().migrate();
      await own().migrate();
    }, 60_000);
    afterAll(() => opened?.close());

    describe("the contract of a table", () => {
      for (const [title, run] of tableContract(open)) it(title, run, 30_000);
    });

    it
      .runIf(OWN_WAY.includes(name))
      .each(PAIRS.map((kinds) => [kinds.join(" || "), kinds] as const))(
      'L5: the requests "%s" keep the laws in every order of their table calls',
      async (_title, kinds) => {
        const { sweep: _, ...methods } = own();
        const { runs, violations } = await explore(methods, kinds, "alice");
        expect(runs).toBeGreaterThan(5);
        expect([...new Set(violations)]).toEqual([]);
      },
      30_000,
    );

    it("L1: the ORM itself is refused when the application starts, and the error names what to pass", () => {
      const given = (): unknown => postgresTable(opened.orm as never);
      const message = expect.stringMatching(
        new RegExp(`not take a (\\w+ of )?(${name}|Prisma).*Pass`, "i"),
      ) as string;
      expect(given).toThrow(expect.objectContaining({ code: "ERR_SESSION_CONFIG", message }));
    });

    it.each(["40001", "40P01"])(
      "L5: a statement that the server has undone with %s is run again, whatever the ORM makes of the error",
      async (code) => {
        let undone = 0;
        const client: typeof opened.client = {
          async query(statement) {
            if (undone++ === 0) {
              const text = `DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '${code}'; END $$`;
              return opened.client.query({ text, values: [] });
            }
            return opened.client.query(statement);
          },
        };
        const key = newKey();
        expect(await postgresTable(client, { table }).insert(key, row("a", 1), NOW)).toBe(true);
        expect(undone).toBe(2);
      },
    );

    it("L2: a refusal of the server is told as one, whatever the ORM makes of the error", async () => {
      const fail = (code: string): PgClient => ({
        query: () =>
          opened.client.query({
            text: `DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '${code}'; END $$`,
            values: [],
          }),
      });
      const told = async (code: string): Promise<boolean> =>
        Promise.resolve(postgresTable(fail(code), { table }).get(newKey())).then(
          () => false,
          isRefused,
        );
      expect(await told("25006")).toBe(true);
      expect(await told("57P01")).toBe(false);
    });

    it("L21: an error tells nothing of the row, whatever the ORM puts into it", async () => {
      const data = "4111 1111";
      const nowhere = postgresTable(opened.client, { table: "nowhere" });
      const written = Promise.resolve(nowhere.insert(newKey(), row(data, 1), NOW));
      const error: unknown = await written.catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(Error);
      expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(data);
      // A value that the server refuses stands in its own words.
      const strict = `CREATE TABLE IF NOT EXISTS strict (LIKE ${table}, CHECK (value = ''))`;
      await opened.run(strict);
      const refusing = postgresTable(opened.client, { table: "strict" });
      const refused = Promise.resolve(refusing.insert(newKey(), row(data, 1), NOW));
      const reason: unknown = await refused.catch((each: unknown) => each);
      expect(inspect(reason, { depth: 20, showHidden: true })).not.toContain(data);
      expect(reason).toBeInstanceOf(Error);
    });
  });
});
