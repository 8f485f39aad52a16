import { DEEPEST_ERROR, WRAPPED } from "../_database-error.ts";

/** Gives the code with which the server has answered, also where an ORM has put the driver's error into one of its own. */
export function sqlStateOf(error: unknown, depth = 0): string | undefined {
  if (typeof error !== "object" || error === null || depth > DEEPEST_ERROR) return undefined;
  const errors = error as Readonly<Record<string, unknown>>;
  const { code } = errors;
  if (typeof code === "string" && /^(?=.*\d)[0-9A-Z]{5}$/.test(code)) return code;
  for (const name of WRAPPED) {
    const found = sqlStateOf(errors[name], depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}
