/**
 * Compiles each folder beside this file on every supported line of TypeScript, against the built package.
 * A `@ts-expect-error` that expects nothing is an error itself, so each of them proves what it says.
 */
import { readdirSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { requireBuilt } from "../setup/project.ts";
import { runNode } from "../setup/run.ts";

const compilers = {
  "5.9": "node_modules/typescript-5.9",
  "6.0": "test/tools/node_modules/typescript-6.0",
  "7.0": "node_modules/typescript",
};

const programs = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

beforeAll(requireBuilt);

describe.each(Object.entries(compilers))(
  "the test programs on TypeScript %s",
  (version, compiler) => {
    it("the compiler has the version that its name says", async () => {
      const { stdout } = await runNode([`${compiler}/bin/tsc`, "--version"]);
      expect(stdout).toContain(`Version ${version}.`);
    });

    it.concurrent.each(programs)("the program %s compiles", async (program) => {
      const { code, stdout } = await runNode([
        `${compiler}/bin/tsc`,
        "--pretty",
        "false",
        "-p",
        `test/types/${program}`,
      ]);
      const errors = stdout.split("\n").filter((line) => /\berror TS\d+:/.test(line));
      // Not ours to mend: what is wrong inside other packages' declarations.
      expect(errors.filter((line) => !line.startsWith("node_modules/"))).toEqual([]);
      if (errors.length === 0) expect(code, stdout).toBe(0);
    });
  },
);
