/** Processes and worker threads that share a database with a test, and what they say. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { Worker } from "node:worker_threads";
import { expect } from "vitest";

export const CHILD = join(import.meta.dirname, "table-child.mjs");

/** Somebody else on the database: what it says, and its end. */
export interface Other {
  readonly lines: AsyncIterableIterator<string>;
  readonly ended: Promise<unknown>;
  /** Whether it has ended. */
  readonly over: () => boolean;
  kill(): void;
}

/** Starts others on one database, and ends those that still live. */
export class Others {
  readonly #running = new Set<Other>();
  readonly #database: string;
  readonly #path: string;

  constructor(database: string, path: string) {
    this.#database = database;
    this.#path = path;
  }

  startProcess(task: string, argument: string): Other {
    const child = spawn(process.execPath, [CHILD, ...this.arguments(task, argument)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    return this.remember(child.stdout, once(child, "close"), () => void child.kill("SIGKILL"));
  }

  startThread(task: string, argument: string): Other {
    const worker = new Worker(CHILD, { argv: this.arguments(task, argument), stdout: true });
    return this.remember(worker.stdout, once(worker, "exit"), () => void worker.terminate());
  }

  /** What {@link CHILD} takes. */
  arguments(task: string, argument: string): string[] {
    return [this.#database, task, this.#path, argument];
  }

  remember(stdout: Readable, ended: Promise<unknown>, kill: () => void): Other {
    let over = false;
    void ended.then(() => (over = true));
    const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
    const other = { lines, ended, over: () => over, kill };
    this.#running.add(other);
    return other;
  }

  async end(): Promise<void> {
    for (const other of this.#running) other.kill();
    await Promise.all([...this.#running].map(({ ended }) => ended));
    this.#running.clear();
  }
}

/** The next line, which must be `expected` and may say more. */
export async function hear(other: Other, expected: string): Promise<string> {
  const { value, done } = await other.lines.next();
  if (done) throw new Error(`it ended before it said "${expected}"`);
  expect(value).toContain(expected);
  return value;
}

/** Waits for what others do, who must live to do it. */
export async function until(done: () => boolean, others: readonly Other[]): Promise<void> {
  while (!done()) {
    const over = others.find((other) => other.over());
    if (over)
      throw new Error(`a process that should go on has ended, by ${String(await over.ended)}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
