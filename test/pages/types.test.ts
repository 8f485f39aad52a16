import ts from "typescript-5.9";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { manifest, read, requireBuilt, root } from "../setup/project.ts";

const PAGE = "docs/guide/types.md";

/** Names of an entry, and of its types alone, as the compiler sees them in the built package. */
interface Entry {
  readonly entry: string;
  readonly names: readonly string[];
  readonly types: readonly string[];
}

function readEntries(): readonly Entry[] {
  const entries = Object.entries(manifest.exports).flatMap(([path, target]) => {
    const file = /^\.\/(dist\/.+)\.js$/.exec(
      JSON.stringify(target).match(/\.\/dist\/[^"]+\.js/)?.[0] ?? "",
    );
    return file
      ? [{ entry: path.replace(/^\./, "sojourn"), file: join(root, `${file[1]}.d.ts`) }]
      : [];
  });
  const options = {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
  };
  const program = ts.createProgram(
    entries.map(({ file }) => file),
    { ...options, skipLibCheck: true },
  );
  const checker = program.getTypeChecker();
  return entries.map(({ entry, file }) => {
    const source = program.getSourceFile(file);
    const module = source && checker.getSymbolAtLocation(source);
    const symbols = module ? checker.getExportsOfModule(module) : [];
    const isValue = (symbol: ts.Symbol): boolean => {
      const target =
        symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
      const typeOnly = symbol.declarations?.some((each) =>
        ts.isTypeOnlyImportOrExportDeclaration(each),
      );
      return !typeOnly && (target.flags & ts.SymbolFlags.Value) !== 0;
    };
    return {
      entry,
      names: symbols.map(({ name }) => name),
      types: symbols.filter((symbol) => !isValue(symbol)).map(({ name }) => name),
    };
  });
}

describe("the exported names", () => {
  let entries: readonly Entry[] = [];
  beforeAll(() => {
    requireBuilt();
    entries = readEntries();
  });

  it("the page names every exported name of every entry", () => {
    expect(entries.length).toBeGreaterThan(10);
    const named = new Set(read(PAGE).match(/(?<=`)[A-Za-z_][\w.]*(?=`)/g));
    for (const { entry, names } of entries) {
      expect(names.length, entry).toBeGreaterThan(0);
      expect(
        names.filter((name) => !named.has(name)),
        entry,
      ).toEqual([]);
    }
  });

  it("the page names no type that the package does not export", () => {
    const exported = new Set(entries.flatMap(({ names }) => names));
    const types = read(PAGE).match(/(?<=^\| )`[A-Z]\w+`(?:, `[A-Z]\w+`)*(?= \|)/gm) ?? [];
    const listed = types.flatMap((cell) => cell.match(/\w+/g) ?? []);
    expect(listed.length).toBeGreaterThan(20);
    expect(listed.filter((name) => !exported.has(name))).toEqual([]);
  });

  it("the entry sojourn exports at most thirty types", () => {
    const types = entries.find(({ entry }) => entry === "sojourn")?.types ?? [];
    expect(types.length).toBeGreaterThan(20);
    expect(types.length).toBeLessThanOrEqual(30);
  });

  it("no type name stands for two types in two entries", () => {
    const owners = new Map<string, string[]>();
    for (const { entry, types } of entries) {
      for (const name of types) owners.set(name, [...(owners.get(name) ?? []), entry]);
    }
    expect([...owners].filter(([, list]) => list.length > 1)).toEqual([]);
  });
});
