import { constants } from "node:os";

/**
 * The errors of a commit after which LMDB has thrown its transaction away. It writes the pages of a transaction where
 * nobody reads them, and the page that makes them valid comes last. An error of that page, such as EIO, says nothing.
 */
const CODES: readonly (number | undefined)[] = [
  constants.errno.ENOSPC,
  constants.errno.EDQUOT,
  constants.errno.EFBIG,
  constants.errno.ENOMEM,
  -30_788, // MDB_TXN_FULL
  -30_792, // MDB_MAP_FULL
];

/** Whether an error of lmdb says that nothing was written. */
export function isRefusal(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return typeof code === "number" && CODES.includes(code);
}
