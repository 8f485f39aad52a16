/** The examples of the docstrings: an editor shows them, so they compile as the pages' code does. */
import { describe, expect, it } from "vitest";
import { compile } from "../setup/compile-fences.ts";
import type { Chapter, Located } from "../setup/markdown.ts";
import { filesBelow, read, requireBuilt } from "../setup/project.ts";

/** What an example may use without saying where it comes from. */
const GIVEN = [
  'import type { IncomingMessage } from "node:http";',
  'import { createSessions as given, createTable as aTable, tableStore as aStore } from "sojourn";',
  "declare const req: IncomingMessage;",
  "declare const handle: string;",
  "const sessions = given<{ user_id: string; cart: string[]; notice: string }>({",
  '  store: aStore({ table: aTable() }), key: "__Host-session", subject: "user_id",',
  "});",
  "const { getSession, putSession, deleteSession, updateSession } = sessions;",
  "const { configureSession, renewSession, dropSession, fetchSession } = sessions;",
  "export { getSession, putSession, deleteSession, updateSession, req, handle };",
  "export { configureSession, renewSession, dropSession, fetchSession };",
];

interface Example {
  readonly path: string;
  /** The first line of code after the docstring. */
  readonly of: string;
  readonly lines: readonly Located[];
}

function examplesOf(path: string): readonly Example[] {
  const lines = read(path).split("\n");
  return lines.flatMap((text, at) => {
    if (!/^\s*\* @example$/.test(text)) return [];
    // What needs a framework around it says where it is compiled instead.
    if (/^\s*\* ```ts no-check=".+"$/.test(lines[at + 1] ?? "")) return [];
    const end = lines.findIndex((line, place) => place > at + 1 && /^\s*\* ```$/.test(line));
    const close = lines.findIndex((line, place) => place > at && line.endsWith("*/"));
    const code = lines.slice(at + 2, end).map((line, offset) => ({
      text: line.replace(/^\s*\* ?/, ""),
      line: at + 3 + offset,
    }));
    return [{ path, of: lines[close + 1] ?? "", lines: code }];
  });
}

const examples = filesBelow("src")
  .filter((path) => path.endsWith(".ts"))
  .flatMap((path) => examplesOf(`src/${path}`));

/** An example that makes its own sessions is not given any. */
function chapterOf({ path, lines }: Example, index: number): Chapter {
  const isWhole = lines.some(({ text }) => /^export const sessions\b/.test(text));
  const given = isWhole ? [] : GIVEN.map((text) => ({ text, line: 0 }));
  return {
    path: `${path}#${index}`,
    modules: [{ file: "example.ts", lines: [...given, ...lines] }],
  };
}

describe("the examples of the docstrings", () => {
  it("every example compiles", async () => {
    requireBuilt();
    expect(await compile(examples.map(chapterOf), "build/examples-of-docstrings")).toEqual([]);
  });

  it("every function that an application begins with, and every helper, has an example", () => {
    const names = `createSessions cookieStore tableStore createTable SessionError
      lmdbTable redisTable postgresTable passportSession createDynamo createRouter testClient testClock
      cookieFor tableContract tableContractChild tableLaws getSession
      putSession deleteSession updateSession configureSession
      renewSession dropSession fetchSession of read list revoke revokeOne revokeBefore`.split(
      /\s+/,
    );
    const has = (name: string): boolean =>
      examples.some(({ of }) =>
        new RegExp(`\\b(?:function|class|const|readonly) ${name}\\b`).test(of),
      );
    expect(names.filter((name) => !has(name))).toEqual([]);
    const hosts = ["express", "fastify", "koa", "hono", "h3", "node", "fetch"];
    const withExample = examples.filter(({ of }) => /\bsession\b/.test(of)).map(({ path }) => path);
    expect(hosts.filter((host) => !withExample.includes(`src/adapters/${host}.ts`))).toEqual([]);
  });
});
