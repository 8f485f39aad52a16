/** Sojourn for Nuxt 4: a module. Nuxt's server is Nitro 2. */
import { templatesOf } from "./_nuxt/templates.ts";
import type { Templates } from "./_nuxt/templates.ts";

/** The options of the module, which stand in `nuxt.config.ts` under `sojourn`. */
export interface NuxtSessionOptions {
  /** The module that exports `sessions`. Default `"~~/server/sessions"`. */
  readonly sessions?: string | undefined;
  /** The keys of the data that pages may see, in the browser as well. Default none. */
  readonly public?: readonly string[] | undefined;
}

/** What a module of Nuxt gets, as far as it matters here. */
export interface NuxtApp {
  // Nuxt declares its options, and each version's are its own.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly options: any;
  // oxlint-disable-next-line typescript/no-explicit-any
  hook(name: any, run: (payload: any) => void): unknown;
}

/** The parts of Nuxt's options that the module changes. */
interface Options {
  readonly rootDir: string;
  readonly srcDir: string;
  readonly buildDir: string;
  readonly sojourn?: NuxtSessionOptions;
  readonly nitro: { virtual?: Record<string, string | (() => string)> };
  readonly serverHandlers: object[];
  readonly plugins: object[];
  readonly build: { readonly templates: object[] };
}

/** A module, as `modules` of Nuxt's configuration takes it. */
export interface NuxtSessionModule {
  (options: NuxtSessionOptions | undefined, nuxt: NuxtApp): void;
  readonly getMeta: () => Promise<{ readonly name: string; readonly configKey: string }>;
}

const SHOWN_AT = "/api/_session";

/**
 * The module. Each handler of the server has its session as `event.context.session`, and a page has what `public` names
 * in `useSojourn()`. A request that a page makes to its own server, while it is rendered there, shares its session.
 * @example
 * ```ts no-check="it is built in examples/frameworks/nuxt"
 * // nuxt.config.ts
 * export default defineNuxtConfig({
 *   modules: ["sojourn/nuxt"],
 *   sojourn: { sessions: "~~/server/sessions", public: ["user_id"] },
 * });
 * ```
 */
const nuxtModule: NuxtSessionModule = Object.assign(setUp, {
  getMeta: async () => ({ name: "sojourn", configKey: "sojourn" }),
});

export default nuxtModule;

function setUp(inline: NuxtSessionOptions | undefined, nuxt: NuxtApp): void {
  const options = nuxt.options as Options;
  const { sessions = "~~/server/sessions", public: keys = [] } = { ...options.sojourn, ...inline };
  const templates = templatesOf(resolved(sessions, options), keys, SHOWN_AT);
  setUpServer(nuxt, options, templates);
  setUpPages(nuxt, options, templates);
}

function setUpServer(
  nuxt: NuxtApp,
  { nitro, serverHandlers }: Options,
  templates: Templates,
): void {
  nitro.virtual ??= {};
  nitro.virtual["#sojourn/plugin"] = () => templates.plugin;
  nitro.virtual["#sojourn/shown"] = () => templates.handler;
  serverHandlers.push({ route: SHOWN_AT, method: "get", handler: "#sojourn/shown" });
  // Before, Nitro would take the name for a path.
  nuxt.hook("nitro:init", ({ options }: { options: { plugins: string[] } }) => {
    options.plugins.push("#sojourn/plugin");
  });
}

function setUpPages(nuxt: NuxtApp, options: Options, templates: Templates): void {
  const write = (filename: string, text: string): string => {
    const dst = `${options.buildDir}/${filename}`;
    options.build.templates.push({ filename, dst, write: true, getContents: () => text });
    return dst;
  };
  const plugin = write("sojourn/plugin.server.ts", templates.pagePlugin);
  options.plugins.unshift({ src: plugin, mode: "server" });
  const from = write("sojourn/use-sojourn.ts", templates.composable);
  nuxt.hook("imports:extend", (imports: object[]) => imports.push({ name: "useSojourn", from }));
  const path = write("types/sojourn.d.ts", templates.types);
  const refer = (types: { references: object[] }): unknown => types.references.push({ path });
  nuxt.hook("prepare:types", refer);
  nuxt.hook("nitro:prepare:types", refer);
}

/** Resolves Nuxt's names of its folders: `~~/` is the root, and `~/` is that of the pages. */
function resolved(path: string, { rootDir, srcDir }: Options): string {
  if (/^(~~|@@)\//.test(path)) return `${rootDir}${path.slice(2)}`;
  if (/^[~@]\//.test(path)) return `${srcDir}${path.slice(1)}`;
  return path.startsWith(".") ? `${rootDir}/${path}` : path;
}
