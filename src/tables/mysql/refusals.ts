import { isUnconnected } from "../_database-error.ts";

/**
 * The numbers with which MySQL and MariaDB say that a statement has done nothing. A statement is its own transaction, so
 * that it is undone also where only the statement is.
 */
const NUMBERS: readonly unknown[] = [
  1290, // the server only reads, by its option
  1792, // the transaction only reads
  1836, // the server only reads
  1044, // the right to the database is missing
  1142, // the right to the table is missing
  1143, // the right to a column is missing
  1146, // the table is missing
  1021, // the disk is full
  1114, // the table is full
  1041, // the memory is full
  1040, // no connection is left, so that nothing was sent
  1203, // the user has no connection left
  1226, // the user has used up what an hour allows
  1205, // innodb_lock_wait_timeout has passed
  1969, // max_statement_time of MariaDB has passed
  3024, // max_execution_time of MySQL has passed
];

/** Whether an error says that the server has done nothing, or that no connection to it could be made. */
export function isRefusal(error: unknown): boolean {
  return (
    isUnconnected(error) || NUMBERS.includes((error as { readonly errno?: unknown } | null)?.errno)
  );
}
