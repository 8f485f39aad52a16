import type { Awaitable } from "../../../src/core/awaitable.ts";
import type { SessionRow, SessionTable } from "../../../src/core/store.ts";

export type TableVerb = "get" | "insert" | "replace" | "touch" | "delete";

/** A table that passes every call on by {@link call}, which may delay it, count it or let it go wrong. */
export abstract class CalledTable implements SessionTable {
  readonly #table: SessionTable;

  constructor(table: SessionTable) {
    this.#table = table;
  }

  get(key: string): Promise<SessionRow | undefined> {
    return this.call("get", key, () => this.#table.get(key));
  }

  insert(...args: Parameters<SessionTable["insert"]>): Promise<boolean | "full"> {
    return this.call("insert", args[0], () => this.#table.insert(...args));
  }

  replace(...args: Parameters<SessionTable["replace"]>): Promise<"done" | "gone" | SessionRow> {
    return this.call("replace", args[0], () => this.#table.replace(...args));
  }

  touch(...args: Parameters<SessionTable["touch"]>): Promise<"done" | "gone" | "conflict"> {
    return this.call("touch", args[0], () => this.#table.touch(...args));
  }

  delete(...args: Parameters<SessionTable["delete"]>): Promise<"done" | "gone" | SessionRow> {
    return this.call("delete", args[0], () => this.#table.delete(...args));
  }

  protected abstract call<T>(verb: TableVerb, key: string, run: () => Awaitable<T>): Promise<T>;
}
