import { isUnconnected } from "../_database-error.ts";
import { sqlStateOf } from "./sql-state.ts";

/**
 * The codes with which PostgreSQL says that a statement has done nothing. A statement is its own transaction, which an
 * error undoes. 57P01, of a server that shuts down, is no refusal: it may come after the commit.
 */
const CODES: readonly unknown[] = [
  "25006", // the server, or the transaction, only reads
  "42501", // a right is missing
  "42P01", // the table is missing
  "53100", // the disk is full
  "53200", // the memory is full
  "53300", // no connection is left, so that nothing was sent
  "55P03", // lock_timeout has passed
  "57014", // statement_timeout has passed, or somebody has cancelled the statement
];

/** Whether an error says that the server has done nothing, or that no connection to it could be made. */
export function isRefusal(error: unknown): boolean {
  return isUnconnected(error) || CODES.includes(sqlStateOf(error));
}
