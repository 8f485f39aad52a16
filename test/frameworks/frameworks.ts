/** The frameworks of `npm run test:frameworks`, each with its example in examples/frameworks. */
import type { Check } from "./support/check.ts";
import { nextChecks } from "./next.ts";

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
];
