/** Compiles the code of Markdown pages as an application would that has the package installed. */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Chapter } from "./markdown.ts";
import { root } from "./project.ts";
import { runNode } from "./run.ts";

const settings = {
  target: "ES2023",
  lib: ["ES2023"],
  module: "NodeNext",
  types: ["node"],
  strict: true,
  exactOptionalPropertyTypes: true,
  // Every block is a module, also one without an import.
  moduleDetection: "force",
  allowImportingTsExtensions: true,
  allowJs: true,
  checkJs: true,
  skipLibCheck: true,
  noEmit: true,
};

/** Modules that other versions and runtimes bring with them. */
const BUILT_IN = [
  "node_modules/types-node24/sqlite.d.ts",
  "node_modules/bun-types/sqlite.d.ts",
  "cloudflare-workers.d.ts",
].map((path) => join(root, "test/tools", path));

/** Packages of pages that only the tests have. */
const OF_TOOLS = [
  "@mikro-orm/postgresql",
  "@prisma/adapter-pg",
  "drizzle-orm",
  "knex",
  "kysely",
  "mongodb",
  "sequelize",
  "typeorm",
];

/**
 * Gives `page:line: message` for everything that does not compile. `folder` is below the project, where the package's
 * own name and its node_modules are found.
 */
export async function compile(chapters: readonly Chapter[], folder: string): Promise<string[]> {
  const base = join(root, folder);
  rmSync(base, { recursive: true, force: true });
  for (const name of OF_TOOLS) {
    const place = join(base, "node_modules", name);
    mkdirSync(dirname(place), { recursive: true });
    symlinkSync(join(root, "test/tools/node_modules", name), place);
  }
  const origin = new Map<string, string>();
  const programs: string[][] = [[]];

  for (const [index, { path, modules }] of chapters.entries()) {
    const place = join(`${index}-${path.replaceAll(/\W+/g, "-")}`);
    const files = modules.map(({ file, lines }) => {
      const target = join(base, place, file);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, lines.map(({ text }) => text).join("\n"));
      for (const [at, { line }] of lines.entries()) {
        origin.set(`${folder}/${place}/${file}(${at + 1}`, `${path}:${line}`);
      }
      return `${place}/${file}`;
    });
    // Declarations that are merged into the package's are meant for one application, hence for one program.
    const merges = modules.some(({ lines }) =>
      lines.some(({ text }) => /^declare (?:module|global)\b/.test(text)),
    );
    if (merges) programs.push(files);
    else programs[0]?.push(...files);
  }

  const faults = new Set<string>();
  for (const [index, files] of programs.entries()) {
    if (files.length === 0) continue;
    const config = join(base, `tsconfig.${index}.json`);
    writeFileSync(
      config,
      JSON.stringify({ compilerOptions: settings, files: [...BUILT_IN, ...files] }),
    );
    const { code, stdout } = await runNode([
      "node_modules/typescript/bin/tsc",
      "--pretty",
      "false",
      "-p",
      config,
    ]);
    const found = stdout.split("\n").filter((line) => line !== "");
    if (code !== 0 && found.length === 0) throw new Error(`tsc ended with ${code}`);
    for (const line of found) {
      const [, place = "", message = ""] = /^(.+?\(\d+),\d+\): (.*)$/.exec(line) ?? [];
      // Lines that are indented explain the one before.
      if (message) faults.add(`${origin.get(place) ?? place}: ${message}`);
      else if (!/^\s/.test(line)) faults.add(line);
    }
  }
  return [...faults].toSorted((a, b) => a.localeCompare(b, "en", { numeric: true }));
}
