// The meta-frameworks: not part of `npm test`, because each is installed and built.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    name: "frameworks",
    include: ["test/frameworks/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 600_000,
  },
});
