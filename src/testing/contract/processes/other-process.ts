/** A program that opens the same store as the test, as the test sees it. */
import type { ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Answer, Question } from "./child.ts";
import type { TableChild } from "../open-table.ts";

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Another process on the same store. */
export class OtherProcess {
  /** The largest number that the process has told of, and so has acknowledged. */
  acknowledged = 0;
  readonly ended: Promise<void>;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #isReady: () => void = () => {};
  #last = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on("message", (answer: Answer) => this.#hear(answer));
    this.ended = new Promise((resolve) => {
      child.once("error", () => resolve());
      child.once("exit", (code, signal) => {
        const how = signal ?? `code ${code}`;
        for (const { reject } of this.#waiting.values())
          reject(new Error(`the process of \`child\` ended by ${how}`));
        resolve();
      });
    });
  }

  static async start({ file, args = [] }: TableChild): Promise<OtherProcess> {
    // Loaded late, because some runtimes that have tables have no processes.
    const { fork } = await import("node:child_process");
    const other = new OtherProcess(fork(file instanceof URL ? fileURLToPath(file) : file, args));
    const ready = new Promise<boolean>((resolve) => (other.#isReady = () => resolve(true)));
    if (await Promise.race([ready, other.ended.then(() => false)])) return other;
    throw new Error(`${String(file)} ended before it was ready: it must call tableContractChild`);
  }

  ask(task: Question["task"], ...args: readonly unknown[]): Promise<unknown> {
    const id = ++this.#last;
    const answer = new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.#child.send({ id, task, args } satisfies Question);
    return answer;
  }

  /** Ends it at once, in the middle of whatever it does. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.ended;
  }

  /** Lets it close its table, and ends it. */
  async end(): Promise<void> {
    await this.ask("end");
    this.#child.disconnect();
    await this.ended;
  }

  #hear({ id, answer, error, ready, done }: Answer): void {
    if (ready) this.#isReady();
    if (done !== undefined) this.acknowledged = Math.max(this.acknowledged, done);
    const waiting = this.#waiting.get(id ?? 0);
    if (!waiting) return;
    this.#waiting.delete(id ?? 0);
    if (error === undefined) waiting.resolve(answer);
    else waiting.reject(new Error(`the process of \`child\` failed: ${error}`));
  }
}
