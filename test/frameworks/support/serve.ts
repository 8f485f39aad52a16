/** Builds and serves an example: installed from the packed package, in a folder of its own. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { pack } from "../../setup/pack.ts";
import { root } from "../../setup/project.ts";
import { run } from "../../setup/run.ts";
import type { Framework } from "../frameworks.ts";
import type { Store } from "./check.ts";

/** Some frameworks need a newer Node than this one. test/tools has it, where it fits the machine. */
const newerNode = join(root, "test/tools/node_modules/node24/bin/node");
const node = existsSync(newerNode) ? newerNode : process.execPath;

const work = join(root, "build/frameworks");
const settings = {
  ...process.env,
  NODE_ENV: "production",
  NO_COLOR: "1",
  NEXT_TELEMETRY_DISABLED: "1",
  SESSION_SECRET: randomBytes(32).toString("base64url"),
  TEST_CLOCK: "1",
};

/** The folder in which an example is built. */
function folderOf({ folder }: Framework): string {
  return join(work, folder);
}

/** Copies the example, installs its packages and ours, and builds it. */
export async function build(framework: Framework): Promise<void> {
  const folder = folderOf(framework);
  const from = join(root, "examples/frameworks", framework.folder);
  mkdirSync(folder, { recursive: true });
  await install(folder, from);
  const others = /(?:^|\/)(?:node_modules|package-lock\.json)$/;
  cpSync(from, folder, { recursive: true, filter: (path) => !others.test(path) });
  await addOurs(folder);
  const { code, output } = await ended([node, ...framework.build], folder);
  if (code !== 0) throw new Error(`the build of ${framework.name} fails\n${output}`);
}

async function install(folder: string, from: string): Promise<void> {
  const lock = "package-lock.json";
  const isThere =
    existsSync(join(folder, lock)) &&
    existsSync(join(folder, "node_modules")) &&
    readFileSync(join(folder, lock), "utf8") === readFileSync(join(from, lock), "utf8");
  if (isThere) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const name of ["package.json", lock, ".npmrc"]) {
    if (existsSync(join(from, name))) cpSync(join(from, name), join(folder, name));
  }
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"];
  const { code, stderr } = await run("npm", ["ci", ...quiet], { cwd: folder });
  if (code !== 0) throw new Error(`npm ci in ${folder} fails\n${stderr}`);
}

/** Unpacks the package as npm would install it, with its one dependency. */
async function addOurs(folder: string): Promise<void> {
  const { tarball } = await pack(work);
  const ours = join(folder, "node_modules/sojourn");
  rmSync(ours, { recursive: true, force: true });
  mkdirSync(ours, { recursive: true });
  await run("tar", ["xzf", tarball, "--strip-components=1", "-C", ours]);
  const devalue = "node_modules/devalue";
  // Below ours: the framework may have another version of it.
  cpSync(join(root, devalue), join(ours, devalue), { recursive: true });
}

/** The exact version of the framework in its example. */
export function versionOf({ folder, versionOf: name }: Framework): string {
  const file = join(root, "examples/frameworks", folder, "package.json");
  const manifest = JSON.parse(readFileSync(file, "utf8")) as {
    readonly dependencies?: Readonly<Record<string, string>>;
    readonly devDependencies?: Readonly<Record<string, string>>;
  };
  const version = { ...manifest.devDependencies, ...manifest.dependencies }[name] ?? "";
  if (!/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))
    throw new Error(`${file} must name one version of ${name}`);
  return version;
}

export interface Served {
  readonly url: string;
  stop(): Promise<void>;
}

/** Serves the built example, and waits until it answers. */
export async function serve(framework: Framework, store: Store): Promise<Served> {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const child = spawn(node, framework.serve(port), {
    cwd: folderOf(framework),
    env: { ...settings, STORE: store, PORT: `${port}` },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = once(child, "close");
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => (output += String(chunk)));
  }
  for (let attempt = 0; attempt < 300; attempt++) {
    if (child.exitCode !== null) throw new Error(`${framework.name} has ended\n${output}`);
    const answer = await fetch(`${url}/static`).catch(() => undefined);
    if (answer?.ok) {
      return {
        url,
        async stop() {
          child.kill();
          await exited;
        },
      };
    }
    await wait(200);
  }
  child.kill("SIGKILL");
  throw new Error(`${framework.name} does not answer\n${output}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function ended(
  [program = "", ...args]: readonly string[],
  cwd: string,
): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawn(program, args, { cwd, env: settings, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => (output += String(chunk)));
  }
  await once(child, "close");
  return { code: child.exitCode, output };
}
