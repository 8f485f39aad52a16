import type { Awaitable } from "../../../src/core/awaitable.ts";
import type { SessionTable } from "../../../src/core/store.ts";
import { CalledTable } from "./called-table.ts";
import type { TableVerb } from "./called-table.ts";

/** How a call goes wrong: before it reaches the table, or after, when it has done its work. */
export type Fault =
  | "throws"
  | "rejects"
  | "never answers"
  | "loses the answer"
  | "does it and never answers";

/** The length of a handle, which is the key of a session's row. */
const HANDLE = 22;

interface Trouble {
  readonly verb: TableVerb;
  readonly fault: Fault;
  readonly meanwhile: (() => unknown) | undefined;
}

/**
 * A real table behind a wire: every verb answers with a promise, and calls can be made to go wrong. `calls`
 * tells what the store has asked for. Calls for the row of a subject are neither told nor go wrong.
 */
export class AsyncTable extends CalledTable {
  readonly calls: TableVerb[] = [];
  /** What a call that goes wrong says. */
  lost = new Error("the connection was lost");
  readonly #onSilence: () => void;
  readonly #all: boolean;
  readonly #troubles: Trouble[] = [];

  /**
   * @param onSilence called after a call that is never answered
   * @param rows whether calls for other rows than those of sessions are counted, and go wrong, as well
   */
  constructor(table: SessionTable, onSilence: () => void = () => {}, rows?: "all") {
    super(table);
    this.#onSilence = onSilence;
    this.#all = rows === "all";
  }

  /** The next call of `verb` that has no fault yet goes wrong; `meanwhile` is what others do while it does. */
  breakNext(verb: TableVerb, fault: Fault, meanwhile?: () => unknown): void {
    this.#troubles.push({ verb, fault, meanwhile });
  }

  /** Nothing more goes wrong. */
  mend(): void {
    this.#troubles.length = 0;
  }

  /** Forgets the calls so far. */
  forget(): void {
    this.calls.length = 0;
  }

  protected call<T>(verb: TableVerb, key: string, run: () => Awaitable<T>): Promise<T> {
    if (!this.#all && key.length !== HANDLE) return this.#answer(undefined, run);
    this.calls.push(verb);
    const index = this.#troubles.findIndex((trouble) => trouble.verb === verb);
    const [trouble] = index === -1 ? [] : this.#troubles.splice(index, 1);
    if (trouble?.fault === "throws") throw this.lost;
    return this.#answer(trouble, run);
  }

  async #answer<T>(trouble: Trouble | undefined, run: () => Awaitable<T>): Promise<T> {
    await Promise.resolve(); // Not in the same turn.
    if (!trouble) return run();
    const { fault, meanwhile } = trouble;
    if (fault === "loses the answer" || fault === "does it and never answers") await run();
    await meanwhile?.();
    if (fault === "rejects" || fault === "loses the answer") throw this.lost;
    setImmediate(this.#onSilence);
    return new Promise(() => {});
  }
}

/** The verbs of a table as an object, some of them of the test's own. */
export function verbsOf(table: SessionTable, own: Partial<SessionTable> = {}): SessionTable {
  return {
    get: (...args) => table.get(...args),
    insert: (...args) => table.insert(...args),
    replace: (...args) => table.replace(...args),
    touch: (...args) => table.touch(...args),
    delete: (...args) => table.delete(...args),
    ...own,
  };
}
