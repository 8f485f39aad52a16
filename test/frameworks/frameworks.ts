/** The frameworks of `npm run test:frameworks`, each with its example in examples/frameworks. */
import type { Check } from "./support/check.ts";
import { nextChecks } from "./next.ts";
import { innerRequests, lateParts } from "./own-requests.ts";

export interface Framework {
  /** The name of the column, without a version. */
  readonly name: string;
  /** Below examples/frameworks. */
  readonly folder: string;
  /** The package whose version the column shows. */
  readonly versionOf: string;
  /** What Node runs to build the application. */
  readonly build: readonly string[];
  /** What Node runs to serve it, with PORT in the environment. */
  readonly serve: (port: number) => readonly string[];
  /** How often one visit of `/` opens the session: once, and once more where a proxy looks before. */
  readonly readsPerPage: number;
  /** Checks of this framework alone. */
  readonly own?: readonly Check[];
}

export const frameworks: readonly Framework[] = [
  {
    name: "Next",
    folder: "next",
    versionOf: "next",
    build: ["node_modules/next/dist/bin/next", "build"],
    serve: (port) => ["node_modules/next/dist/bin/next", "start", "-p", `${port}`],
    readsPerPage: 2,
    own: nextChecks,
  },
  {
    name: "React Router",
    folder: "react-router",
    versionOf: "react-router",
    build: ["node_modules/@react-router/dev/bin.cjs", "build"],
    serve: () => ["node_modules/@react-router/serve/bin.cjs", "build/server/index.js"],
    readsPerPage: 1,
  },
  {
    name: "SvelteKit",
    folder: "sveltekit",
    versionOf: "@sveltejs/kit",
    build: ["node_modules/vite/bin/vite.js", "build"],
    serve: () => ["serve.js"],
    readsPerPage: 1,
    own: [innerRequests("event.fetch"), lateParts],
  },
  {
    name: "Nuxt",
    folder: "nuxt",
    versionOf: "nuxt",
    build: ["node_modules/nuxt/bin/nuxt.mjs", "build"],
    serve: () => [".output/server/index.mjs"],
    readsPerPage: 1,
    own: [innerRequests("event.$fetch")],
  },
  {
    name: "Nitro",
    folder: "nitro",
    versionOf: "nitro",
    build: ["node_modules/nitro/dist/cli/index.mjs", "build"],
    serve: () => [".output/server/index.mjs"],
    readsPerPage: 1,
    own: [innerRequests("fetch")],
  },
  {
    name: "Astro",
    folder: "astro",
    versionOf: "astro",
    build: ["node_modules/astro/bin/astro.mjs", "build"],
    serve: () => ["dist/server/entry.mjs"],
    readsPerPage: 1,
    own: [lateParts],
  },
];
