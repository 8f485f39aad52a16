/** An application that has installed the package as npm would publish it, with the packages of one toolchain. */
import { cpSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { pack } from "../setup/pack.ts";
import { root } from "../setup/project.ts";
import { run, runNode } from "../setup/run.ts";
import type { Outcome } from "../setup/run.ts";

/** What stands beside the source of one application. */
export interface Setting {
  /** Of its package.json: default "commonjs". */
  readonly type?: "commonjs" | "module";
  /** The other fields of its package.json. */
  readonly manifest?: Readonly<Record<string, unknown>>;
  readonly compilerOptions?: Readonly<Record<string, unknown>>;
  /** The other fields of its tsconfig.json. */
  readonly tsconfig?: Readonly<Record<string, unknown>>;
  /** Other files, by name. */
  readonly files?: Readonly<Record<string, string>>;
}

export interface Installed {
  /** Writes an application with this setting, and gives its folder. */
  readonly application: (setting: Setting) => string;
  /** Runs the program that a package brings, with flags of Node's own. */
  readonly start: (
    folder: string,
    program: string,
    args?: readonly string[],
    flags?: readonly string[],
  ) => Promise<Outcome>;
  /** Installs the package once more for one application, where pnpm would put it. */
  readonly likePnpm: (folder: string) => void;
  readonly remove: () => void;
}

const quiet = ["--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"];

/** Installs what `packages/` has under this name outside the project, so that nothing of the project is found. */
export async function install(name: string): Promise<Installed> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), `sojourn-${name}-`));
  const { tarball } = await pack(folder);
  cpSync(join(root, "test/toolchains/packages", name), folder, { recursive: true });
  for (const args of [["ci"], ["install", "--no-save", tarball]]) {
    const { code, stderr } = await run("npm", [...args, ...quiet], { cwd: folder });
    expect(code, stderr).toBe(0);
  }
  return {
    application: (setting) => {
      const app = mkdtempSync(join(folder, "app-"));
      writeApplication(app, setting);
      return app;
    },
    start: (cwd, program, args = [], flags = []) =>
      runNode([...flags, join(folder, "node_modules", program), ...args], { cwd }),
    likePnpm: (app) => {
      const store = "node_modules/.pnpm/sojourn@1.0.0/node_modules";
      for (const name of ["sojourn", "devalue"]) {
        cpSync(join(folder, "node_modules", name), join(app, store, name), { recursive: true });
      }
      symlinkSync(join(app, store, "sojourn"), join(app, "node_modules/sojourn"));
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function writeApplication(
  app: string,
  { type = "commonjs", manifest = {}, compilerOptions = {}, tsconfig = {}, files = {} }: Setting,
): void {
  cpSync(join(root, "test/toolchains/consumer"), app, { recursive: true });
  const options = { target: "ES2022", strict: true, esModuleInterop: true, ...compilerOptions };
  const texts = {
    "package.json": JSON.stringify({ private: true, type, ...manifest }),
    "tsconfig.json": JSON.stringify({ ...tsconfig, compilerOptions: options }),
    ...files,
  };
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(app, name), text);
}

/** A folder that sees no package: a bundle that runs there has all its code. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "sojourn-bundle-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What the application prints. `expected` of test/toolchains/consumer/visit.ts says the same. */
export const PRINTED = `${JSON.stringify([["ada", true, true, true], ["pens"], "ERR_SESSION_CONFIG"])}\n`;
