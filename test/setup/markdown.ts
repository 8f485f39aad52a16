/** Reads the code, the links and the headings of a Markdown page. */

export interface Fence {
  /** `ts`, `js`, `sh`, ... */
  readonly language: string;
  /** What follows the language: `no-check="why"`. */
  readonly info: string;
  /** The number of the first line of the code, in the page. */
  readonly line: number;
  readonly code: readonly string[];
  /** In a comment: for the compiler only, and for the block that follows. */
  readonly hidden: boolean;
}

export interface Located {
  readonly text: string;
  readonly line: number;
}

export interface Page {
  readonly path: string;
  readonly fences: readonly Fence[];
  /** The lines outside fences. */
  readonly prose: readonly Located[];
}

export interface Module {
  /** Unique in its chapter: `sessions.ts`, or `line-12.ts` for a block without a name. */
  readonly file: string;
  readonly lines: Located[];
}

/** Files that see each other. A second block with the name of an earlier file starts a new chapter, as an alternative. */
export interface Chapter {
  readonly path: string;
  readonly modules: readonly Module[];
}

/**
 * Fences, and `<!-- ts ... -->` comments: code that the compiler needs and a reader does not, such as
 * `declare const req: Request`.
 */
export function readPage(path: string, text: string): Page {
  const fences: Fence[] = [];
  const prose: Located[] = [];
  let open: { fence: Fence & { code: string[] }; end: RegExp; indent: number } | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    if (open) {
      if (open.end.test(line)) open = undefined;
      else open.fence.code.push(line.slice(Math.min(open.indent, line.search(/\S|$/))));
      continue;
    }
    const [, indent = "", mark, language = "", info = ""] =
      /^(\s*)(`{3,}|~{3,})\s*([^\s`]*)\s*(.*)$/.exec(line) ??
      /^(\s*)(<!--)\s+(ts|js)\s*()$/.exec(line) ??
      [];
    if (mark === undefined) {
      prose.push({ text: line, line: index + 1 });
      continue;
    }
    const fence = {
      language: language.toLowerCase(),
      info,
      line: index + 2,
      code: [],
      hidden: mark === "<!--",
    };
    const end = mark === "<!--" ? /-->\s*$/ : new RegExp(`^\\s*${mark}\\s*$`);
    open = { fence, end, indent: indent.length };
    fences.push(fence);
  }
  if (open) throw new Error(`${path}:${open.fence.line - 1} opens a fence that is never closed`);
  return { path, fences, prose };
}

const EXTENSIONS: Readonly<Record<string, "ts" | "js">> = {
  ts: "ts",
  typescript: "ts",
  js: "js",
  javascript: "js",
};

const NAME = /^\/\/ ((?:[\w-]+\/)*[\w.-]+\.[cm]?[jt]s)\b/;

/**
 * The modules that the blocks of a page make up: a block that begins with `// name.ts` is that file; a block
 * with an import begins a module; any other continues the block before it. A hidden block without a name is
 * the beginning of the block that follows.
 */
export function chaptersOf(page: Page): Chapter[] {
  const chapters: { path: string; modules: Module[] }[] = [];
  let prelude: Located[] = [];
  let last: Module | undefined;
  for (const { language, info, line, code, hidden } of page.fences) {
    const extension = EXTENSIONS[language];
    if (!extension || info.startsWith("no-check=")) continue;
    const name = NAME.exec(code[0] ?? "")?.[1];
    const lines = [...prelude, ...code.map((text, index) => ({ text, line: line + index }))];
    prelude = [];
    if (hidden && name === undefined) {
      prelude = lines;
      continue;
    }
    const source = lines.map(({ text }) => text).join("\n");
    const isCommonJs = /\brequire\(/.test(source) && !/^import\b/m.test(source);
    const begins = name !== undefined || isCommonJs || /^import\b/m.test(source);
    if (!begins && last?.file.endsWith(extension)) {
      last.lines.push(...lines);
      continue;
    }
    last = {
      file: name ?? `line-${line}.${isCommonJs && extension === "js" ? "cjs" : extension}`,
      lines,
    };
    const chapter = chapters.at(-1);
    if (chapter && chapter.modules.every(({ file }) => file !== name)) chapter.modules.push(last);
    else chapters.push({ path: page.path, modules: [...othersOf(chapter, name), last] });
  }
  return chapters;
}

/** What a new chapter takes over: the files with names, but for the one that is told anew. */
function othersOf(chapter: Chapter | undefined, name: string | undefined): Module[] {
  return (chapter?.modules ?? []).filter(({ file }) => file !== name && !file.startsWith("line-"));
}

/** Fences that ask not to be checked without saying why. */
export function unexplained(page: Page): string[] {
  return page.fences
    .filter(({ info }) => /no-?check|fragment/i.test(info) && !/^no-check="[^"]{10,}"$/.test(info))
    .map(({ line, info }) => `${page.path}:${line - 1} says ${info}: write no-check="the reason"`);
}

/** The targets of all links and images. */
export function linksOf(page: Page): Located[] {
  const patterns = [
    /\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g, // [text](target "title")
    /^\s*\[[^\]]+\]:\s+<?(\S+?)>?(?:\s|$)/g, // [label]: target
    /\b(?:href|src)="([^"]+)"/g,
  ];
  return page.prose.flatMap(({ text, line }) =>
    patterns
      .flatMap((pattern) => [...text.replaceAll(/`[^`]*`/g, "").matchAll(pattern)])
      .map(([, target = ""]) => ({ text: target, line })),
  );
}

/** The anchors of a page's headings, as the usual hosts make them. */
export function anchorsOf(page: Page): Set<string> {
  const anchors = new Set<string>();
  for (const { text } of page.prose) {
    for (const [, id = ""] of text.matchAll(/\b(?:id|name)="([^"]+)"/g)) anchors.add(id);
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(text)?.[1];
    if (heading === undefined) continue;
    const plain = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const slug = plain.replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(/\s/g, "-");
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count++) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** Everything in backticks. */
export function codeSpansOf(page: Page): Located[] {
  return page.prose.flatMap(({ text, line }) =>
    [...text.matchAll(/`([^`]+)`/g)].map(([, span = ""]) => ({ text: span, line })),
  );
}
