/** The codes with which SQLite says that a statement, which is its own transaction, has done nothing. */
const CODES: readonly (readonly [name: string, code: number])[] = [
  ["SQLITE_PERM", 3],
  ["SQLITE_BUSY", 5],
  ["SQLITE_LOCKED", 6],
  ["SQLITE_NOMEM", 7],
  ["SQLITE_READONLY", 8],
  ["SQLITE_FULL", 13],
  ["SQLITE_CANTOPEN", 14],
];

/** Whether an error says that the database has done nothing. Node gives the code as `errcode`, others give its name. */
export function isRefusal(error: unknown): boolean {
  const { code, errcode } = error as { readonly code?: unknown; readonly errcode?: unknown };
  // An extended code has the code in its lowest byte, and its name behind the name.
  const byte = typeof errcode === "number" ? errcode & 0xff : undefined;
  return CODES.some(([name, own]) => byte === own || String(code).startsWith(name));
}
