/** The real demo, as `npm start` runs it: a process of its own, on a port of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { filesBelow, root } from "../setup/project.ts";

const BUILT = join(root, "build/examples/demo");
/** What a developer may have set for a demo of their own. */
const UNSET = {
  SESSION_SECRET: undefined,
  SESSION_SECURE: undefined,
  SOJOURN_POSTGRES_URL: undefined,
  SOJOURN_REDIS_URL: undefined,
  SOJOURN_STORE: undefined,
};

export interface Demo {
  /** Such as `http://localhost:41234`. */
  readonly url: string;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/**
 * A demo with a database of its own, unless `env` names one. Rejects with its exit code and what it said where it does
 * not start.
 */
export async function startDemo(env: NodeJS.ProcessEnv = {}): Promise<Demo> {
  requireCompiled();
  const folder = mkdtempSync(join(tmpdir(), "sojourn-demo-"));
  const child = spawn(process.execPath, [join(BUILT, "main.js")], {
    cwd: root,
    env: { ...process.env, ...UNSET, SOJOURN_LMDB_PATH: folder, PORT: "0", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = once(child, "close").then(([code]) => {
    rmSync(folder, { recursive: true, force: true });
    return code as number | null;
  });
  let complaint = "";
  child.stderr.on("data", (chunk) => {
    complaint += String(chunk);
  });
  for await (const line of createInterface(child.stdout)) {
    const url = /http:\/\/localhost:\d+/.exec(line)?.[0];
    if (url === undefined) continue;
    // Nobody reads on: a full pipe would block the demo.
    child.stdout.resume();
    return {
      url,
      stop: async (signal = "SIGTERM") => {
        child.kill(signal);
        await exited;
      },
    };
  }
  const code = await exited;
  throw new Error(`${code}: ${complaint}`);
}

function requireCompiled(): void {
  for (const path of filesBelow("examples/demo").filter((each) => each.endsWith(".ts"))) {
    const built = join(BUILT, path.replace(/\.ts$/, ".js"));
    const source = join(root, "examples/demo", path);
    if (!existsSync(built) || statSync(built).mtimeMs < statSync(source).mtimeMs) {
      throw new Error(
        `the build is older than examples/demo/${path}: run "npm run typecheck" first`,
      );
    }
  }
}
