/** The integration of Astro: the middleware, its types, and no second session of Astro's own. */
import { fileURLToPath } from "node:url";

/** The options of the integration. */
export interface AstroIntegrationOptions {
  /** The module that exports `sessions`. Default `"./src/sessions"`, from the root of the project. */
  readonly sessions?: string | undefined;
}

/** What an integration gets at set-up, as far as it matters here. */
interface Setup {
  readonly config: { readonly root: URL };
  readonly addMiddleware: (middleware: { order: "pre" | "post"; entrypoint: string }) => void;
  // Astro declares the configuration, and each version's is its own.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly updateConfig: (config: any) => unknown;
}

interface Done {
  readonly injectTypes: (types: { filename: string; content: string }) => unknown;
  readonly config: { readonly root: URL };
}

/** An integration, as `integrations` of Astro's configuration takes it. */
export interface SojournIntegration {
  readonly name: string;
  readonly hooks: {
    readonly "astro:config:setup": (setup: Setup) => void;
    readonly "astro:config:done": (done: Done) => void;
  };
}

const MIDDLEWARE = "virtual:sojourn/middleware";

/**
 * Makes an integration that adds the middleware for the `sessions` that a module exports, and types
 * `Astro.locals.session`. It switches Astro's own sessions off, which have no part in ours.
 * @example
 * ```ts no-check="it is built in examples/frameworks/astro"
 * // astro.config.mjs
 * import { defineConfig } from "astro/config";
 * import { sojourn } from "sojourn/astro";
 *
 * export default defineConfig({ integrations: [sojourn({ sessions: "./src/sessions" })] });
 * ```
 */
export function sojourn({
  sessions = "./src/sessions",
}: AstroIntegrationOptions = {}): SojournIntegration {
  const pathIn = (root: URL): string => fileURLToPath(new URL(sessions, root));
  return {
    name: "sojourn",
    hooks: {
      "astro:config:setup"({ config, addMiddleware, updateConfig }) {
        addMiddleware({ order: "pre", entrypoint: MIDDLEWARE });
        const plugins = [virtualModule(MIDDLEWARE, middlewareOf(pathIn(config.root)))];
        updateConfig({ session: false, vite: { plugins } });
      },
      "astro:config:done"({ injectTypes, config }) {
        injectTypes({ filename: "sojourn.d.ts", content: typesOf(pathIn(config.root)) });
      },
    },
  };
}

function middlewareOf(path: string): string {
  return (
    `import { session } from "sojourn/astro";\n` +
    `import { sessions } from ${JSON.stringify(path)};\n` +
    `export const onRequest = session(sessions);\n`
  );
}

function typesOf(path: string): string {
  const session = `import("sojourn").SessionOf<typeof import(${JSON.stringify(path)}).sessions>`;
  return `declare namespace App {\n  interface Locals {\n    readonly session: ${session};\n  }\n}\n`;
}

/** A plugin of Vite that gives one module from memory. */
function virtualModule(id: string, code: string): object {
  const resolved = `\0${id}`;
  return {
    name: "sojourn",
    resolveId: (wanted: string) => (wanted === id ? resolved : undefined),
    load: (wanted: string) => (wanted === resolved ? code : undefined),
  };
}
