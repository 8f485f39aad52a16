/** Writes the code of a Markdown page to files that run. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript-5.9";
import { chaptersOf, readPage } from "./markdown.ts";
import type { Module } from "./markdown.ts";
import { read } from "./project.ts";

/** Writes all of a page's code to a folder that has nothing else. */
export function writePage(path: string, folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  const chapters = chaptersOf(readPage(path, read(path)));
  writeModules(
    folder,
    chapters.flatMap(({ modules }) => modules),
  );
}

/** Types are the documentation test's business; here they are only taken away. */
export function writeModules(folder: string, modules: readonly Module[]): void {
  mkdirSync(folder, { recursive: true });
  for (const { file, lines } of modules) {
    const source = lines.map(({ text }) => text).join("\n");
    const { outputText } = ts.transpileModule(source, {
      compilerOptions: {
        module: ts.ModuleKind.ESNext,
        target: ts.ScriptTarget.ES2023,
        verbatimModuleSyntax: true,
        rewriteRelativeImportExtensions: true,
      },
    });
    writeFileSync(join(folder, file.replace(/\.ts$/, ".js")), outputText);
  }
}
