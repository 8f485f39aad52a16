// Copies a built dist/ so that every function says when control enters it: for scripts/count-hops.mjs.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import ts from "typescript-5.9";

/**
 * @typedef {object} Entry what one call of a function is noted as
 * @property {string} file its path below dist/, without the extension
 * @property {string} name
 * @property {number} at where the function begins in its file: two may have one name
 * @property {boolean} arrow whether it is an arrow function
 */

/** The global function that an instrumented file calls with the four values of an {@link Entry}. */
export const NOTE = "$noteEntry";

/**
 * @param {string} from a dist/
 * @param {string} to a folder of its own, in a package of type "module"
 */
export function copyInstrumented(from, to) {
  const files = readdirSync(from, { recursive: true, encoding: "utf8" });
  for (const path of files.filter((each) => each.endsWith(".js"))) {
    const target = join(to, path);
    mkdirSync(dirname(target), { recursive: true });
    const file = path.slice(0, -".js".length).split(sep).join("/");
    writeFileSync(target, instrument(readFileSync(join(from, path), "utf8"), file));
  }
}

/**
 * @param {string} code
 * @param {string} file
 */
function instrument(code, file) {
  const source = ts.createSourceFile(`${file}.js`, code, ts.ScriptTarget.Latest, true);
  /** @type {{ readonly at: number, readonly text: string }[]} */
  const insertions = [];

  /** @param {ts.Node} node */
  function visit(node) {
    if (ts.isFunctionLike(node) && "body" in node && node.body) {
      const at = node.getStart(source);
      const values = [file, nameOf(node), at, ts.isArrowFunction(node)];
      const call = `${NOTE}(${values.map((value) => JSON.stringify(value)).join(", ")})`;
      if (ts.isBlock(node.body)) {
        insertions.push({ at: node.body.getStart(source) + 1, text: `${call};` });
      } else {
        insertions.push({ at: node.body.getStart(source), text: `(${call}, ` });
        insertions.push({ at: node.body.getEnd(), text: ")" });
      }
    }
    ts.forEachChild(node, visit);
  }
  visit(source);

  // From the end to the beginning, so that the places before an insertion stay right.
  const backwards = insertions.toSorted((a, b) => b.at - a.at);
  return backwards.reduce((text, each) => {
    return text.slice(0, each.at) + each.text + text.slice(each.at);
  }, code);
}

/**
 * The name of a function, or of what it is assigned to; one without any is named after the function around it.
 * @param {ts.Node} node
 * @returns {string}
 */
function nameOf(node) {
  if (ts.isConstructorDeclaration(node)) return "constructor";
  if (ts.isGetAccessor(node)) return `get ${node.name.getText()}`;
  if (ts.isSetAccessor(node)) return `set ${node.name.getText()}`;
  const own = ts.isFunctionLike(node) ? node.name : undefined;
  if (own) return own.getText();
  const { parent } = node;
  if (
    (ts.isVariableDeclaration(parent) ||
      ts.isPropertyAssignment(parent) ||
      ts.isPropertyDeclaration(parent)) &&
    parent.initializer === node
  ) {
    return parent.name.getText();
  }
  const outer = ts.findAncestor(parent, ts.isFunctionLike);
  return outer ? `${nameOf(outer)}>` : "(anonymous)";
}
