import type { SessionRow, SessionTable } from "../../src/core/store.ts";

export type TableVerb = "get" | "insert" | "replace" | "touch" | "delete";

/** How a call goes wrong: before it reaches the table, after it, or without any answer. */
export type Fault = "throws" | "rejects" | "loses the answer" | "never answers";

/**
 * A real table behind a wire: every verb answers with a promise, and calls can be made to go wrong. `calls`
 * tells what the store has asked for.
 */
export class AsyncTable implements SessionTable {
  readonly calls: TableVerb[] = [];
  readonly #table: SessionTable;
  readonly #faults: { readonly verb: TableVerb; readonly fault: Fault }[] = [];

  constructor(table: SessionTable) {
    this.#table = table;
  }

  /** The next call of `verb` that has no fault yet goes wrong. */
  breakNext(verb: TableVerb, fault: Fault): void {
    this.#faults.push({ verb, fault });
  }

  /** Forgets the calls so far. */
  forget(): void {
    this.calls.length = 0;
  }

  get(key: string): Promise<SessionRow | undefined> {
    return this.#call("get", () => this.#table.get(key));
  }

  insert(...args: Parameters<SessionTable["insert"]>): Promise<boolean> {
    return this.#call("insert", () => this.#table.insert(...args));
  }

  replace(...args: Parameters<SessionTable["replace"]>): Promise<"done" | "gone" | SessionRow> {
    return this.#call("replace", () => this.#table.replace(...args));
  }

  touch(...args: Parameters<SessionTable["touch"]>): Promise<"done" | "gone" | "conflict"> {
    return this.#call("touch", () => this.#table.touch(...args));
  }

  delete(key: string, version?: number): Promise<"done" | "gone" | SessionRow> {
    return this.#call("delete", () => this.#table.delete(key, version));
  }

  #call<T>(verb: TableVerb, run: () => T | PromiseLike<T>): Promise<T> {
    this.calls.push(verb);
    const index = this.#faults.findIndex((fault) => fault.verb === verb);
    const [found] = index === -1 ? [] : this.#faults.splice(index, 1);
    switch (found?.fault) {
      case "throws":
        throw new Error("connection refused");
      case "rejects":
        return Promise.reject(new Error("connection refused"));
      case "never answers":
        return new Promise(() => {});
      case "loses the answer":
        return Promise.resolve()
          .then(run)
          .then(() => {
            throw new Error("connection reset");
          });
      case undefined:
        return Promise.resolve().then(run);
    }
  }
}

/** The verbs of a table as an object, so that a test can put one of its own in. */
export function verbsOf(table: SessionTable): SessionTable {
  return {
    get: (...args) => table.get(...args),
    insert: (...args) => table.insert(...args),
    replace: (...args) => table.replace(...args),
    touch: (...args) => table.touch(...args),
    delete: (...args) => table.delete(...args),
  };
}
