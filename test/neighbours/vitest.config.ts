// The neighbours: not part of `npm test`, because they load what nothing else does.
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    name: "neighbours",
    include: ["test/neighbours/**/*.test.ts"],
    maxWorkers: 2 * availableParallelism(), // They wait more than they compute.
    testTimeout: 30_000,
    hookTimeout: 20_000,
  },
});
