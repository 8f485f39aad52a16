/** Where the project is, what its package.json says, and whether dist/ is what src/ says. */
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

export const root: string = resolve(import.meta.dirname, "../..");

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | { types: string; default: string }>>;
}

export const manifest = JSON.parse(read("package.json")) as Manifest;

/** A text file of the project. */
export function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** Paths of all files below a folder of the project that are ours, relative to that folder, with forward slashes. */
export function filesBelow(folder: string): string[] {
  const start = join(root, folder);
  if (!existsSync(start)) return [];
  return readdirSync(start, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(start.length + 1))
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => !/(?:^|\/)node_modules\//.test(path))
    .toSorted();
}

/** Whoever tests the built package must not test yesterday's. Building is left to `npm test`: tests run in parallel. */
export function requireBuilt(): void {
  for (const source of filesBelow("src").filter((path) => path.endsWith(".ts"))) {
    const built = join(root, "dist", source.replace(/\.ts$/, ".js"));
    if (!existsSync(built) || modified(built) < modified(join(root, "src", source))) {
      throw new Error(`dist/ is older than src/${source}: run "npm run build" first`);
    }
  }
}

function modified(path: string): number {
  return statSync(path).mtimeMs;
}
