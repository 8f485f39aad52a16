/** The real programs of scripts/test-parts.mjs, for the tests that need them. */
import { find, parts } from "../../scripts/test-parts.mjs";

/**
 * The path of a program, or `undefined` where the machine has none: then `describe.skipIf(!path)`.
 * `npm test` has said so by then, and has failed already with CI=true.
 */
export function partPath(
  name: "chromium" | "redis-server" | "mariadbd" | "nginx" | "pgbouncer",
): string | undefined {
  const part = parts.find((each) => each.name === name);
  if (!part) throw new Error(`scripts/test-parts.mjs does not list ${name}`);
  return find(part);
}
