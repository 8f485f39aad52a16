/**
 * Compiles the applications in consumers/ with each "module" setting, on every supported line of TypeScript, against
 * the package as npm would publish it; and runs what comes out.
 */
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { pack } from "../setup/pack.ts";
import { root } from "../setup/project.ts";
import { run, runNode } from "../setup/run.ts";

const compilers = {
  "5.9": "node_modules/typescript-5.9",
  "6.0": "test/tools/node_modules/typescript-6.0",
  "7.0": "node_modules/typescript",
} as const;
type Version = keyof typeof compilers;

/** What an application sets: in its package.json `type`, in its tsconfig.json the others. */
interface Setting {
  readonly type: "commonjs" | "module";
  readonly module: string;
  readonly moduleResolution?: string;
  readonly ignoreDeprecations?: string;
  /** Default: true. Without it the declarations for CommonJS are checked, too. */
  readonly skipLibCheck?: boolean;
  /** Where not all versions know it. */
  readonly versions?: readonly Version[];
}

const settings: readonly Setting[] = [
  { type: "commonjs", module: "node16", skipLibCheck: false },
  { type: "commonjs", module: "nodenext" },
  { type: "commonjs", module: "commonjs" },
  // This resolution reads `main`, `types` and `typesVersions`. TypeScript 7 has given it up.
  { type: "commonjs", module: "commonjs", moduleResolution: "node10", versions: ["5.9"] },
  {
    type: "commonjs",
    module: "commonjs",
    moduleResolution: "node10",
    ignoreDeprecations: "6.0",
    versions: ["6.0"],
  },
  { type: "commonjs", module: "commonjs", moduleResolution: "bundler", versions: ["6.0", "7.0"] },
  { type: "module", module: "nodenext" },
  { type: "module", module: "preserve" },
  { type: "module", module: "esnext", moduleResolution: "bundler" },
];

/** Below the project, whose packages the applications find, and beside a node_modules that they search first. */
const folder = join(root, "build/consumers");

beforeAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  const installed = join(folder, "node_modules/sojourn");
  mkdirSync(installed, { recursive: true });
  const { tarball } = await pack(folder);
  const { code, stderr } = await run("tar", ["-xzf", tarball, "-C", installed, "--strip=1"]);
  expect(code, stderr).toBe(0);
});

/** An application with this setting, in a folder of its own. Gives the folder's path in the project. */
function writeApplication(version: Version, setting: Setting): string {
  const { type, versions: _, ...options } = setting;
  const { module, moduleResolution = module } = setting;
  const name = [version, type, module, moduleResolution].join("-");
  const app = join(folder, name);
  cpSync(join(root, "test/types/consumers"), app, { recursive: true });
  const compilerOptions = {
    skipLibCheck: true,
    ...options,
    target: "ES2022",
    lib: ["ES2022"],
    types: ["node"],
    strict: true,
    exactOptionalPropertyTypes: true,
    esModuleInterop: true,
    rootDir: ".",
    outDir: "out",
  };
  // A bundler's modules know no `import x = require()`.
  const files = ["visit.ts", "hosts.ts", ...(type === "commonjs" ? ["required.cts"] : [])];
  writeFileSync(join(app, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
  writeFileSync(join(app, "package.json"), JSON.stringify({ private: true, type }));
  return `build/consumers/${name}`;
}

const describeSetting = ({ type, module, moduleResolution }: Setting): string =>
  `"type": "${type}", "module": "${module}"${moduleResolution ? `, "moduleResolution": "${moduleResolution}"` : ""}`;

describe.each(Object.keys(compilers) as Version[])("the consumers on TypeScript %s", (version) => {
  const known = settings
    .filter(({ versions = [version] }) => versions.includes(version))
    .map((setting) => [describeSetting(setting), setting] as const);

  it.each(known)("an application with %s compiles and runs", async (_, setting) => {
    const app = writeApplication(version, setting);
    const compiler = `${compilers[version]}/bin/tsc`;
    const { code, stdout } = await runNode([compiler, "--pretty", "false", "-p", app]);
    const errors = stdout.split("\n").filter((line) => /\berror TS\d+:/.test(line));
    // Not ours to mend: what is wrong inside other packages' declarations.
    expect(errors.filter((line) => !line.startsWith("node_modules/"))).toEqual([]);
    if (errors.length === 0) expect(code, stdout).toBe(0);

    // The server of this test is plain http, and the warning says so, once.
    const quiet = "--disable-warning=SOJOURN_INSECURE_TRANSPORT";
    const visit = await runNode([quiet, "out/visit.js"], { cwd: join(root, app) });
    expect(visit).toEqual({ code: 0, stdout: "s23fa3aefvtwerg __Host-session\n", stderr: "" });
  });
});
