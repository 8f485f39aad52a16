import { SessionError } from "../../core/errors.ts";
import { mysqlDdl } from "../../tables/mysql/statements.ts";
import { postgresDdl } from "../../tables/postgres/statements.ts";
import { sqliteDdl } from "../../tables/sqlite/statements.ts";
import { WrongCall } from "../command.ts";
import type { Command } from "../command.ts";
import { unknown } from "../read-call.ts";

/** The databases whose table a migration makes. */
const DDL = new Map([
  ["mysql", mysqlDdl],
  ["postgres", postgresDdl],
  ["sqlite", sqliteDdl],
]);

export const ddl: Command = {
  name: "ddl",
  forms: [...DDL.keys()].map((database) => [
    `${database} [table]`,
    `prints the SQL that makes the table of ${database}Table`,
  ]),
  options: {},
  run({ positionals: [database, table, ...more] }) {
    if (database === undefined)
      throw new WrongCall("ddl needs a database: mysql, postgres, sqlite");
    if (more.length > 0) throw new WrongCall("ddl takes a database and a table, and no more");
    const sqlOf = DDL.get(database);
    if (!sqlOf) throw new WrongCall(unknown(`ddl knows no ${database}`, database, DDL.keys()));
    try {
      const sql = sqlOf(table);
      return { text: sql, json: { sql } };
    } catch (error) {
      throw error instanceof SessionError ? new WrongCall(error.message) : error;
    }
  },
};
