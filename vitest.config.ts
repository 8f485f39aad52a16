import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** Tests of the project itself. They start compilers and npm, so they get their own turn and more time. */
const project = ["test/pages/**/*.test.ts", "test/project/**/*.test.ts", "test/types/*.test.ts"];

/** Hears all that a test file says, and finds its secrets in it. */
const setupFiles = ["test/setup/leak-watch.ts"];

export default defineConfig({
  test: {
    // Tests wait as much as they compute; vitest would leave one processor out, which is half of two.
    maxWorkers: Math.max(2, availableParallelism()),
    projects: [
      {
        test: {
          name: "sojourn",
          include: ["test/**/*.test.ts"],
          exclude: [
            ...project,
            "test/security/**",
            "test/neighbours/**",
            "test/toolchains/**",
            "**/node_modules/**",
          ],
          setupFiles,
          testTimeout: 10_000,
          hookTimeout: 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: "security",
          include: ["test/security/**/*.test.ts"],
          globalSetup: ["test/setup/security-servers.ts"],
          setupFiles,
          testTimeout: 20_000,
          hookTimeout: 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: "project",
          include: project,
          testTimeout: 120_000,
          hookTimeout: 240_000,
          // After the others: what measures time should not share the machine with compilers.
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
