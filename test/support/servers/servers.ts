/** Starts real servers for tests: on a port of this machine alone, in a folder that goes with them. */
import { spawn } from "node:child_process";
import type { ChildProcess, SpawnOptions } from "node:child_process";
import { randomInt } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Ends a server that nobody has stopped, once this process has ended in whatever way: the watcher then finds nothing
 * more to read.
 */
function watch(pid: number, folder: string): ChildProcess {
  const script = 'read -r _; kill -9 "$1"; sleep 1; rm -rf "$2"';
  const watcher = spawn("sh", ["-c", script, "sh", `${pid}`, folder], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  watcher.unref();
  return watcher;
}

/** Prints what was counted. */
export function tell(text: string): void {
  // oxlint-disable-next-line no-console -- the numbers belong to the proof
  console.log(text);
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** A port that nobody listens on. Below those that the system gives to connections, with room above for a cluster's bus. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(12_000, 22_000);
    const probe = createServer();
    const free = await new Promise<boolean>((resolve) => {
      probe.once("error", () => resolve(false));
      probe.listen(port, "127.0.0.1", () => resolve(true));
    });
    await new Promise((resolve) => probe.close(resolve));
    if (free) return port;
  }
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), "sojourn-server-"));
}

/** Asks until the answer is there and truthy; what it threw last is the cause when it never is. */
export async function until<T>(
  what: string,
  ask: () => Promise<T>,
  seconds = 20,
): Promise<NonNullable<T>> {
  const end = performance.now() + seconds * 1000;
  let cause: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer) return answer;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > end) throw new Error(`${what}: not within ${seconds} s`, { cause });
    await pause(10);
  }
}

/** A server that can be killed, and started again on its port and in its folder. */
export class Server {
  readonly #program: string;
  readonly #args: readonly string[];
  readonly #options: SpawnOptions;
  readonly #folder: string;
  #child: ChildProcess | undefined;
  #output = "";

  constructor(
    program: string,
    args: readonly string[],
    folder: string,
    options: SpawnOptions = {},
  ) {
    this.#program = program;
    this.#args = args;
    this.#folder = folder;
    this.#options = { cwd: folder, ...options, stdio: ["ignore", "pipe", "pipe"] };
  }

  /** @param isUp whether the server answers; may throw while it does not */
  async start(isUp: () => Promise<boolean>): Promise<void> {
    const child = spawn(this.#program, this.#args, this.#options);
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk: Buffer) => (this.#output += chunk.toString()));
    }
    await new Promise((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", reject);
    });
    const watcher = watch(child.pid ?? 0, this.#folder);
    child.once("exit", () => watcher.kill());
    await until(`start of ${this.#program}`, async () => {
      if (child.exitCode !== null) throw new Error(this.#output);
      return isUp();
    });
  }

  /** Ends the server and those that it has started, at once and with nothing said. */
  async kill(): Promise<void> {
    const { pid } = this.#child ?? {};
    const below = pid === undefined ? [] : childrenOf(pid);
    await this.#end("SIGKILL");
    for (const each of below) kill(each, "SIGKILL");
  }

  /** Lets the server stand still, connections and all; `SIGCONT` lets it go on. */
  signal(name: "SIGSTOP" | "SIGCONT"): void {
    const { pid } = this.#child ?? {};
    for (const each of pid === undefined ? [] : [pid, ...childrenOf(pid)]) kill(each, name);
  }

  async stop(): Promise<void> {
    await this.#end("SIGINT");
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #end(signal: "SIGKILL" | "SIGINT"): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await ended;
  }
}

function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
    return text.split(" ").filter(Boolean).map(Number);
  } catch {
    return []; // Not Linux: they notice by themselves that the server has gone.
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already.
  }
}
