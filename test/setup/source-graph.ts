/** What the source files import and which clocks and dice they use, read with a real parser. */
import { posix } from "node:path";
import ts from "typescript-5.9";
import { filesBelow, read } from "./project.ts";

export interface Import {
  /** A path below src/ for files of ours, otherwise the specifier. */
  readonly to: string;
  readonly ours: boolean;
  /** `type`: gone after compiling. An `import { type A }` is `code`: it still loads the module. */
  readonly kind: "code" | "type";
  readonly line: number;
}

export interface Use {
  readonly what: "Date.now" | "Date without arguments" | "Math.random" | "top-level await";
  readonly line: number;
}

export interface SourceFile {
  /** Below src/, with forward slashes. */
  readonly path: string;
  readonly lines: number;
  readonly imports: readonly Import[];
  readonly uses: readonly Use[];
}

/** All of src/. */
export function readSources(): SourceFile[] {
  return filesBelow("src")
    .filter((path) => path.endsWith(".ts"))
    .map((path) => parse(path, read(`src/${path}`)));
}

/** One file. */
export function parse(path: string, text: string): SourceFile {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const imports: Import[] = [];
  const uses: Use[] = [];
  const line = (node: ts.Node): number =>
    tree.getLineAndCharacterOfPosition(node.getStart()).line + 1;

  function found(specifier: ts.Node | undefined, isType: boolean): void {
    if (!specifier || !ts.isStringLiteral(specifier)) return;
    const ours = specifier.text.startsWith(".");
    imports.push({
      to: ours ? posix.join(posix.dirname(path), specifier.text) : specifier.text,
      ours,
      kind: isType ? "type" : "code",
      line: line(specifier),
    });
  }

  function visit(node: ts.Node, inFunction: boolean): void {
    if (ts.isImportDeclaration(node)) {
      found(node.moduleSpecifier, node.importClause?.isTypeOnly ?? false);
    } else if (ts.isExportDeclaration(node)) {
      found(node.moduleSpecifier, node.isTypeOnly);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      found(node.argument.literal, true);
    } else if (ts.isModuleDeclaration(node)) {
      found(node.name, true); // declare module "host" { ... }
    } else if (ts.isCallExpression(node)) {
      if (node.expression.kind === ts.SyntaxKind.ImportKeyword) found(node.arguments[0], false);
      if (isName(node.expression, "Date"))
        uses.push({ what: "Date without arguments", line: line(node) });
    } else if (
      ts.isNewExpression(node) &&
      isName(node.expression, "Date") &&
      !node.arguments?.length
    ) {
      uses.push({ what: "Date without arguments", line: line(node) });
    } else if (ts.isPropertyAccessExpression(node)) {
      const what = `${node.expression.getText()}.${node.name.text}`;
      if (what === "Date.now" || what === "Math.random") uses.push({ what, line: line(node) });
    } else if (!inFunction && (ts.isAwaitExpression(node) || isForAwait(node))) {
      uses.push({ what: "top-level await", line: line(node) });
    }
    ts.forEachChild(node, (child) => visit(child, inFunction || ts.isFunctionLike(node)));
  }

  visit(tree, false);
  return { path, lines: text.split("\n").length - 1, imports, uses };
}

function isName(node: ts.Node, name: string): boolean {
  return ts.isIdentifier(node) && node.text === name;
}

function isForAwait(node: ts.Node): boolean {
  return ts.isForOfStatement(node) && node.awaitModifier !== undefined;
}
