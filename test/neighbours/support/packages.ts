/** The packages of test/tools, which only tests load. */
import { existsSync, readFileSync } from "node:fs";
import type { Neighbour } from "../neighbour.ts";
import { load as loadPackage } from "../../tools/load.mjs";

/** What a package exports: its default export, or all of it if it has none. The type is the caller's word. */
export async function load<T>(name: string): Promise<T> {
  const found = (await loadPackage(name)) as { readonly default?: T };
  return found.default ?? (found as T);
}

/** The name, version and place of a neighbour: `morgan 1.2.3, below our middleware`. */
export function titleOf({ name, package: folder, place }: Neighbour): string {
  const version = folder === undefined ? "" : ` ${versionOf(folder)}`;
  return `${name}${version}${place === undefined ? "" : `, ${place}`}`;
}

/** The version of a package in test/tools or, if it is not there, of the project's own. */
function versionOf(name: string): string {
  const paths = ["../../tools/", "../../../"].map(
    (folder) => new URL(`${folder}node_modules/${name}/package.json`, import.meta.url),
  );
  const path = paths.find((each) => existsSync(each));
  if (!path) throw new Error(`${name} is not installed: run npm run test:setup`);
  return (JSON.parse(readFileSync(path, "utf8")) as { readonly version: string }).version;
}
