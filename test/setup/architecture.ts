/** The laws of the source tree. Every function gives messages; none is good. */
import type { Import, SourceFile } from "./source-graph.ts";

const DYNAMO = "adapters/dynamo";

/** Each layer, and what it may import beside itself. A file directly in src/ is a layer of its own. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  crypto: ["core/errors.ts"],
  stores: ["crypto/", "core/", "tables/named-tables.ts"],
  tables: ["core/"],
  readers: ["core/"],
  // Old sessions and the drop-in meet the same stores.
  adapters: ["core/", "readers/absent-row.ts"],
  // An application and its configuration, above one adapter and not beside it: it names stores as the guide does.
  [DYNAMO]: ["adapters/", "stores/", "core/", "tables/named-tables.ts"],
  cli: ["tables/", "stores/", "crypto/", "core/"],
  testing: ["adapters/", "tables/", "stores/", "crypto/", "core/"],
  // The names of the package. What a secret may be is said where secrets are read.
  "index.ts": ["core/", "stores/", "crypto/secret.ts", "tables/named-tables.ts", "tables/memory/"],
};

/** The folders of the core. Each may import only the ones above it here. */
const CORE_ORDER = ["data", "cookie", "subject", "options", "load", "commit", "request"];

/** Which file may import which package: `type` may not load it. Everything else is `node:`. */
const PACKAGES: readonly { name: string; kind: Import["kind"]; files: RegExp }[] = [
  { name: "devalue", kind: "code", files: /^core\/data\/codec\.ts$/ },
  { name: "hono", kind: "type", files: /^adapters\/hono\.ts$/ },
  { name: "hono", kind: "code", files: /^adapters\/dynamo(\.ts$|[-/])/ },
  { name: "lmdb", kind: "type", files: /^tables\/lmdb(?:\.ts$|\/)/ },
  { name: "express", kind: "type", files: /^adapters\/express\.ts$/ },
  { name: "fastify", kind: "type", files: /^adapters\/fastify\.ts$/ },
  { name: "koa", kind: "type", files: /^adapters\/koa\.ts$/ },
  { name: "h3", kind: "type", files: /^adapters\/h3\.ts$/ },
  { name: "express-session", kind: "type", files: /^adapters\/express-session\.ts$/ },
  { name: "next", kind: "code", files: /^adapters\/_next\/modules\.ts$/ },
  { name: "express-serve-static-core", kind: "type", files: /^adapters\/express\.ts$/ },
];

/** In one folder: more, and nobody finds anything in its listing. */
const MAX_FILES = 16;

const MAX_LINES = 300;

/** The one file that may name the machine's clock, as the default of the option `now`. */
const CLOCK = "core/options/read-options.ts";
/** A database's own side, which sets an alarm by the clock of the machine that it runs on, as a database would. */
const ALARMS = "tables/cloudflare/session-row-object.ts";
/** Cookies and memory stores of the drop-in, which applications make without options. */
const DROP_IN = "adapters/express-session/clock.ts";
/** The command line, whose user means the clock of the machine. */
const TERMINAL = "cli/clock.ts";

export function layerFaults(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => {
    const allowed = LAYERS[layerOf(file.path)];
    if (!allowed) return [`src/${file.path}: ${layerOf(file.path)} is no layer of this project`];
    return file.imports
      .filter(({ ours, to }) => ours && layerOf(to) !== layerOf(file.path))
      .filter(
        ({ to }) =>
          !allowed.some((each) => to === each || (each.endsWith("/") && to.startsWith(each))),
      )
      .map(({ to, line }) => {
        const rule = allowed.length > 0 ? `only ${allowed.join(", ")} and itself` : "only itself";
        return `src/${file.path}:${line} imports ${to}: ${layerOf(file.path)} may import ${rule}`;
      });
  });
}

/** Files directly in `core/` belong to no folder: they are the words that all folders share, or put the folders together. */
export function coreOrderFaults(files: readonly SourceFile[]): string[] {
  return eachImport(files, ({ ours }) => ours).flatMap(([file, { to, line }]) => {
    const from = coreFolderOf(file.path);
    const into = coreFolderOf(to);
    if (from === undefined || into === undefined) return [];
    if (CORE_ORDER.indexOf(from) >= CORE_ORDER.indexOf(into)) return [];
    return [`src/${file.path}:${line} imports ${to}: core/${from} comes before core/${into}`];
  });
}

function coreFolderOf(path: string): string | undefined {
  return /^core\/([^/]+)\//.exec(path)?.[1];
}

export function indexFaults(files: readonly SourceFile[]): string[] {
  return eachImport(files, ({ ours, to }) => ours && /(^|\/)index\.ts$/.test(to)).map(
    ([file, { to, line }]) =>
      `src/${file.path}:${line} imports ${to}: import the file that owns the name`,
  );
}

/**
 * Circles among the imports that run. Imports of types alone may form one: they vanish when compiled,
 * and two files may well describe each other's shapes. They obey the layers all the same.
 */
export function cycleFaults(files: readonly SourceFile[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = new Set<string>();
  const faults: string[] = [];

  function walk(path: string, trail: readonly string[]): void {
    const start = trail.indexOf(path);
    if (start >= 0) {
      faults.push(`a circle of imports: ${[...trail.slice(start), path].join(" -> ")}`);
      return;
    }
    if (done.has(path)) return;
    for (const { ours, kind, to } of byPath.get(path)?.imports ?? []) {
      if (ours && kind === "code") walk(to, [...trail, path]);
    }
    done.add(path);
  }

  for (const { path } of files) walk(path, []);
  return faults;
}

export function packageFaults(files: readonly SourceFile[]): string[] {
  return eachImport(files, ({ ours, to }) => !ours && !to.startsWith("node:"))
    .filter(([file, { to, kind }]) => {
      const name = to.split("/", to.startsWith("@") ? 2 : 1).join("/");
      return !PACKAGES.some(
        (each) =>
          each.name === name &&
          each.files.test(file.path) &&
          (each.kind === "code" || kind === "type"),
      );
    })
    .map(
      ([file, { to, kind, line }]) =>
        `src/${file.path}:${line} imports ${to}: this file may not${kind === "code" ? " load" : " know"} it`,
    );
}

export function useFaults(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => {
    let clocks = 0;
    return file.uses
      .filter(({ what }) => {
        const hasOne =
          what === "Date.now" && [CLOCK, ALARMS, DROP_IN, TERMINAL].includes(file.path);
        return !(hasOne && ++clocks === 1);
      })
      .map(({ what, line }) => `src/${file.path}:${line} has ${what}: ${REASONS[what]}`);
  });
}

const REASONS = {
  "Date.now": `time comes from the option \`now\`; its default stands once, in src/${CLOCK}`,
  "Date without arguments": "time comes from the option `now`",
  "Math.random": "chance comes from node:crypto",
  "top-level await": 'it would break require("sojourn")',
} as const;

export function lengthFaults(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ lines }) => lines > MAX_LINES)
    .map(({ path, lines }) => `src/${path} has ${lines} lines: ${MAX_LINES} at most, better 200`);
}

/** A file below a folder whose name starts with `_` is private to the folder above that one. */
export function privacyFaults(files: readonly SourceFile[]): string[] {
  return eachImport(files, ({ ours }) => ours).flatMap(([file, { to, line }]) => {
    const parts = to.split("/");
    const at = parts.findIndex((part) => part.startsWith("_"));
    const above = parts
      .slice(0, at)
      .map((part) => `${part}/`)
      .join("");
    if (at === -1 || file.path.startsWith(above)) return [];
    return [
      `src/${file.path}:${line} imports ${to}: what begins with _ is private to src/${above.slice(0, -1)}`,
    ];
  });
}

/** `paths`: of files, below one root. */
export function crowdFaults(paths: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const path of paths) {
    const folder = path.slice(0, Math.max(0, path.lastIndexOf("/")));
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count > MAX_FILES)
    .map(([folder, count]) => `${folder} has ${count} files: ${MAX_FILES} at most`);
}

/** `entries`: the source files behind package.json's exports and bin. */
export function reachFaults(files: readonly SourceFile[], entries: readonly string[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const missing = entries.filter((path) => !byPath.has(path));
  const reached = new Set<string>();
  const waiting = [...entries];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    waiting.push(
      ...(byPath.get(path)?.imports ?? []).filter(({ ours }) => ours).map(({ to }) => to),
    );
  }
  return [
    ...missing.map((path) => `package.json promises src/${path}, which does not exist`),
    ...files
      .filter(({ path }) => !reached.has(path))
      .map(
        ({ path }) =>
          `src/${path} is reached from no entry of package.json: export it or remove it`,
      ),
  ];
}

function eachImport(
  files: readonly SourceFile[],
  wanted: (each: Import) => boolean,
): [SourceFile, Import][] {
  return files.flatMap((file) =>
    file.imports.filter(wanted).map((each): [SourceFile, Import] => [file, each]),
  );
}

function layerOf(path: string): string {
  if (path === `${DYNAMO}.ts` || path.startsWith(`${DYNAMO}/`)) return DYNAMO;
  return path.split("/", 1)[0] ?? path;
}
