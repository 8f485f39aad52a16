// The project's own tests, in the runtime that scripts/test-runtimes.mjs names.
import { defineConfig } from "vitest/config";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { leftOutPattern, onlyOnNode, runtimeNamed, suites } from "../../scripts/runtimes.mjs";

const runtime = runtimeNamed(process.env["SOJOURN_RUNTIME"] ?? "");
const path = (/** @type {string} */ file) => fileURLToPath(new URL(file, import.meta.url));

// oxlint-disable-next-line import/no-default-export -- as vitest wants it
export default defineConfig({
  root: path("../.."),
  plugins: runtime.workerd ? [await workerd(runtime.workerd)] : [],
  resolve: runtime.workerd ? { alias: { "node:vm": path("no-realms.ts") } } : {},
  test: {
    include: [...suites.flatMap(({ files }) => files), "test/runtimes/*.case.ts"],
    exclude: ["**/node_modules/**", ...onlyOnNode],
    // A process for each file takes longer than the tests in it; `npm test` runs them so.
    isolate: false,
    testTimeout: 30_000,
    ...leftOutPattern(runtime),
  },
});

/** @param {{ readonly date: string, readonly flags: readonly string[] }} options */
async function workerd({ date, flags }) {
  // A name that the compiler does not follow: the package is there only where the runtimes are.
  const name = "@cloudflare/vitest-plugin";
  const { cloudflareTest } =
    /** @type {{ cloudflareTest(options: object): import("vite").Plugin }} */ (await import(name));
  return cloudflareTest({
    miniflare: { compatibilityDate: date, compatibilityFlags: flags, cf: false },
  });
}
