import { isPending } from "../../core/awaitable.ts";
import type { Awaitable } from "../../core/awaitable.ts";
import { SessionError } from "../../core/errors.ts";
import type { SessionRow, SessionTable } from "../../core/store.ts";
import { Gate } from "./gate.ts";
import type { TimedTable } from "./timed-table.ts";

/** The most rows of one call of `getMany`. */
const CHUNK = 50;
/** How many calls of `getMany` run at once in a store, for all its requests. */
const CHUNKS_AT_ONCE = 2;
/** How many calls for one row each run at once in a store, beside those of its requests for their own sessions. */
const CALLS_AT_ONCE = 8;

/** Rows by key. A key without a row is absent. */
type Rows = ReadonlyMap<string, SessionRow>;

/** The rows of the next keys. */
interface Chunk {
  readonly keys: readonly string[];
  readonly found: Rows;
}

/**
 * Reads and ends the rows of lists. A list may have a thousand rows. So that one user with many sessions does not take
 * the database from all others, they are read in chunks, and few calls run at once, whoever has asked for them.
 */
export class ManyRows {
  readonly #timed: TimedTable;
  readonly #getMany: SessionTable["getMany"];
  readonly #chunks = new Gate(CHUNKS_AT_ONCE);
  readonly #calls = new Gate(CALLS_AT_ONCE);

  constructor(table: SessionTable, timed: TimedTable) {
    this.#timed = timed;
    this.#getMany = table.getMany && ((keys) => table.getMany?.(keys) ?? []);
  }

  /** Reads rows chunk by chunk, and lets other work run between two chunks. It goes on only as far as it is asked. */
  async *read(keys: readonly string[]): AsyncGenerator<Chunk> {
    for (let at = 0; at < keys.length; at += CHUNK) {
      if (at > 0) await new Promise((resolve) => setImmediate(resolve));
      const chunk = keys.slice(at, at + CHUNK);
      const atOnce = this.#getMany !== undefined && chunk.length > 1;
      const found = await (atOnce ? this.#readAtOnce(chunk) : this.#readSingly(chunk));
      yield { keys: chunk, found };
    }
  }

  /** Runs a task for each item, a few at a time. After an error no other task begins. */
  async each<T>(items: readonly T[], task: (item: T) => Awaitable<unknown>): Promise<void> {
    const rest = items.values();
    const worker = async (): Promise<void> => {
      for (const item of rest) await this.#calls.run(() => task(item));
    };
    await Promise.all(Array.from({ length: Math.min(CALLS_AT_ONCE, items.length) }, worker));
  }

  async #readSingly(keys: readonly string[]): Promise<Rows> {
    const found = new Map<string, SessionRow>();
    const keep = (key: string, row: SessionRow | undefined): void => {
      if (row) found.set(key, row);
    };
    await this.each(keys, (key) => {
      const row = this.#timed.get(key);
      return isPending(row) ? row.then((later) => keep(key, later)) : keep(key, row);
    });
    return found;
  }

  /** Asks once. Each answer bears its key, so that an answer to another question is noticed. */
  async #readAtOnce(keys: readonly string[]): Promise<Rows> {
    const pairs = await this.#chunks.run(() =>
      this.#timed.run("getMany", () => this.#getMany?.(keys) ?? []),
    );
    const answers = new Map(pairs);
    if (answers.size !== keys.length || !keys.every((key) => answers.has(key))) {
      throw new SessionError("ERR_SESSION_STORE", "the session table has answered for other keys");
    }
    const found = [...answers].filter(
      (pair): pair is [string, SessionRow] => pair[1] !== undefined,
    );
    return new Map(found);
  }
}
