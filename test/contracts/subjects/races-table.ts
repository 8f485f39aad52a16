/** What stands between the races about a subject and their table. */
import type { Awaitable } from "../../../src/core/awaitable.ts";
import type { SessionTable } from "../../../src/core/store.ts";
import { readRow } from "../../../src/stores/table/row.ts";

/** One table call that waits for its turn. */
interface Step {
  readonly key: string;
  readonly writes: boolean;
  readonly run: () => Promise<void>;
}

/** The table calls of one request. Each waits until the explorer picks it. */
export class Turnstile implements SessionTable {
  readonly waiting: Step[] = [];
  readonly #table: SessionTable;

  constructor(table: SessionTable) {
    this.#table = table;
  }

  get(key: string) {
    return this.#turn(key, false, () => this.#table.get(key));
  }

  insert(...args: Parameters<SessionTable["insert"]>) {
    return this.#turn(args[0], true, () => this.#table.insert(...args));
  }

  replace(...args: Parameters<SessionTable["replace"]>) {
    return this.#turn(args[0], true, () => this.#table.replace(...args));
  }

  touch(...args: Parameters<SessionTable["touch"]>) {
    return this.#turn(args[0], true, () => this.#table.touch(...args));
  }

  delete(...args: Parameters<SessionTable["delete"]>) {
    return this.#turn(args[0], true, () => this.#table.delete(...args));
  }

  #turn<T>(key: string, writes: boolean, call: () => Awaitable<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const run = async (): Promise<void> => {
        this.waiting.shift();
        await Promise.resolve(call()).then(resolve, reject);
      };
      this.waiting.push({ key, writes, run });
    });
  }
}

/** Whether it matters which of two calls is the first. */
export function seeEachOther(a: Step | undefined, b: Step | undefined): boolean {
  return a !== undefined && b !== undefined && a.key === b.key && (a.writes || b.writes);
}

/** A table that remembers its sessions, and since when each has its subject. */
export class Recorder implements SessionTable {
  readonly #table: SessionTable;
  readonly #since = new Map<string, { readonly subject: unknown; readonly since: number }>();

  readonly #subjects = new Map<string, Set<unknown>>();

  readonly #open: (key: string, value: string) => string | undefined;

  /** @param open gives the text of a row that may be sealed */
  constructor(
    table: SessionTable,
    open: (key: string, value: string) => string | undefined = (_key, value) => value,
  ) {
    this.#table = table;
    this.#open = open;
  }

  get(key: string) {
    return this.#table.get(key);
  }

  insert(...args: Parameters<SessionTable["insert"]>) {
    this.#note(args[0], args[1].value);
    return this.#table.insert(...args);
  }

  replace(...args: Parameters<SessionTable["replace"]>) {
    this.#note(args[0], args[2].value);
    return this.#table.replace(...args);
  }

  touch(...args: Parameters<SessionTable["touch"]>) {
    return this.#table.touch(...args);
  }

  delete(...args: Parameters<SessionTable["delete"]>) {
    return this.#table.delete(...args);
  }

  /** The handles of the rows that the subject has. */
  async of(subject: unknown): Promise<readonly string[]> {
    const handles: string[] = [];
    for (const key of this.#since.keys()) {
      const row = await this.#table.get(key);
      const text = row && this.#open(key, row.value);
      if (text !== undefined && readRow(text, 0)?.record.data["user"] === subject) {
        handles.push(key);
      }
    }
    return handles;
  }

  /** Whether a session has ever been this subject's. */
  had(handle: string, subject: unknown): boolean {
    return this.#subjects.get(handle)?.has(subject) ?? false;
  }

  newest(subject: unknown, count: number, without: readonly string[]): readonly string[] {
    return [...this.#since]
      .filter(([handle, entry]) => entry.subject === subject && !without.includes(handle))
      .toSorted(([a, x], [b, y]) => y.since - x.since || (a < b ? 1 : -1))
      .slice(0, count)
      .map(([handle]) => handle);
  }

  #note(key: string, value: string): void {
    const text = this.#open(key, value);
    const record = text === undefined ? undefined : readRow(text, 0)?.record;
    if (!record) return;
    const subjects = this.#subjects.get(key) ?? new Set();
    this.#subjects.set(key, subjects.add(record.data["user"]));
    this.#since.set(key, {
      subject: record.data["user"],
      since: record.subjectSince ?? record.createdAt,
    });
  }
}
