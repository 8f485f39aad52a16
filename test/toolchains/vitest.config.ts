// Applications in other toolchains: not part of `npm test`, because each installs compilers and runners of its own.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    name: "toolchains",
    include: ["test/toolchains/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
