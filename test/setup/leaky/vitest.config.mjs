import { defineConfig } from "vitest/config";

// How Vitest finds its configuration.
// oxlint-disable-next-line import/no-default-export
export default defineConfig({
  test: {
    include: ["test/setup/leaky/*.case.ts"],
    setupFiles: ["test/setup/leak-watch.ts"],
  },
});
