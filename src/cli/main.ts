#!/usr/bin/env node
import { SessionError } from "../core/errors.ts";
import { newSecret } from "../crypto/secret.ts";
import { mysqlDdl } from "../tables/mysql/statements.ts";
import { postgresDdl } from "../tables/postgres/statements.ts";
import { sqliteDdl } from "../tables/sqlite/statements.ts";

const USAGE = `Usage: npx sojourn <command>

  secret                  prints a new secret for cookieStore({ secret }); keep it in the environment
  ddl mysql [table]       prints the SQL that makes the table of mysqlTable
  ddl postgres [table]    prints the SQL that makes the table of postgresTable
  ddl sqlite [table]      prints the SQL that makes the table of sqliteTable
`;

/** The databases whose table a migration makes. */
const DDL = new Map([
  ["mysql", mysqlDdl],
  ["postgres", postgresDdl],
  ["sqlite", sqliteDdl],
]);

/** Gives the output of a command, or `undefined` if there is no such command. */
function outputOf([command, ...rest]: readonly string[]): string | undefined {
  if (command === "secret" && rest.length === 0) return `${newSecret()}\n`;
  const [database, table] = rest;
  if (command !== "ddl" || database === undefined || rest.length > 2) return undefined;
  return DDL.get(database)?.(table);
}

const asked = process.argv.slice(2);
try {
  const output = outputOf(asked);
  const helped = asked.length === 0 || asked[0] === "help" || asked[0] === "--help";
  (output !== undefined || helped ? process.stdout : process.stderr).write(output ?? USAGE);
  process.exitCode = output !== undefined || helped ? 0 : 2;
} catch (error) {
  if (!(error instanceof SessionError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
