/** Runs a program to its end, without a shell. */
import { execFile } from "node:child_process";
import { root } from "./project.ts";

export interface Outcome {
  /** 0 is success. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Default: the project. */
  readonly cwd?: string;
}

/** Gives the outcome whatever it is; rejects only where the program cannot be started or takes too long. */
export function run(
  program: string,
  args: readonly string[],
  { cwd = root }: RunOptions = {},
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    execFile(
      program,
      args,
      { cwd, env: plainEnvironment(), maxBuffer: 1 << 26, timeout: 180_000 },
      (error, stdout, stderr) => {
        if (error && typeof error.code !== "number") reject(error);
        else resolve({ code: Number(error?.code ?? 0), stdout, stderr });
      },
    );
  });
}

/** A JavaScript program on this Node. */
export function runNode(args: readonly string[], options?: RunOptions): Promise<Outcome> {
  return run(process.execPath, args, options);
}

/** `npm test` tells its children that they work on this package, and in colour: programs elsewhere must not hear it. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const ours =
    /^npm_(?:package|lifecycle|command|execpath|config_local_prefix)|^(?:FORCE_COLOR|INIT_CWD|NODE_OPTIONS)$/;
  const kept = Object.entries(process.env).filter(([name]) => !ours.test(name));
  return { ...Object.fromEntries(kept), NO_COLOR: "1" };
}
