import { describe } from "vitest";
import type { HostDriver } from "../../contracts/hosts/app.ts";
import { hosts } from "../../contracts/hosts/hosts.ts";

/** Hono's server for Node replaces the global Request and Response, which the others have had before it. */
const inOrder: readonly HostDriver[] = [false, true].flatMap((isHono) =>
  hosts.filter(({ folder }) => (folder === "hono") === isHono).map(({ driver }) => driver),
);

/** Declares tests for every host. Once in a file: see above. */
export function everyHost(tests: (driver: HostDriver) => void): void {
  for (const driver of inOrder) describe(driver.name, () => tests(driver));
}
