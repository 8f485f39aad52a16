import { configError, describe } from "../../core/errors.ts";
import type { SessionRow, SessionTable } from "../../core/table.ts";
import { destroyRow, getRow, inLine, setRow } from "./connect-calls.ts";
import { Cookie } from "./cookie.ts";
import type { ConnectRow, ConnectStore } from "./store.ts";

/** Milliseconds by which a store removes a row later than its deadline. */
const LATE = 5 * 60 * 1000;
/** Milliseconds for which the end of a row is remembered beyond the row: as long as a write may be late. */
const ENDED = 15 * 60 * 1000;

/** Options of {@link connectTable}. */
export interface ConnectTableOptions {
  /**
   * How many processes use the store. With `"one"` all laws of a table hold. With `"many"` a log-out still wins, by a mark that
   * each read and write looks for; but two processes may overwrite each other's changes of one session.
   */
  readonly processes: "one" | "many";
}

/**
 * Makes a table of a store of express-session, for `tableStore({ table })`. The store keeps opaque rows, and no id that opens a
 * session. It has no compare-and-set: within the process, writes to one row stand in line.
 * @throws ERR_SESSION_CONFIG if the store has not the methods get, set and destroy, or `processes` is not given
 */
export function connectTable(store: object, { processes }: ConnectTableOptions): SessionTable {
  const connect = store as ConnectStore;
  for (const method of ["get", "set", "destroy"] as const) {
    if (typeof connect[method] === "function") continue;
    throw configError(
      `connectTable takes a store of express-session; got ${describe(store)} without ${method}`,
    );
  }
  if (processes === "one") return new ConnectTable(connect);
  if (processes === "many") return new MarkingTable(connect);
  throw configError(
    `connectTable needs to know whether other processes use the store: { processes: "one" } or { processes: "many" }; got ` +
      describe(processes),
  );
}

/** A row of ours inside a row of the store. */
interface Kept {
  readonly sojourn: string;
  readonly version: number;
  readonly expiresAt: number;
}

class ConnectTable implements SessionTable {
  protected readonly store: ConnectStore;

  constructor(store: ConnectStore) {
    this.store = store;
  }

  async get(key: string): Promise<SessionRow | undefined> {
    return this.read(key);
  }

  insert(key: string, row: SessionRow, now: number): Promise<boolean> {
    return inLine(this.store, key, async () => {
      if (await this.isTaken(key)) return false;
      await this.write(key, row, now);
      return true;
    });
  }

  replace(
    key: string,
    version: number,
    row: SessionRow,
    now: number,
  ): Promise<"done" | "gone" | SessionRow> {
    return inLine(this.store, key, async () => {
      const current = await this.read(key);
      if (!current) return "gone";
      if (current.version !== version) return current;
      return this.overwrite(key, row, now);
    });
  }

  touch(
    key: string,
    version: number,
    expiresAt: number,
    now: number,
  ): Promise<"done" | "gone" | "conflict"> {
    return inLine(this.store, key, async () => {
      const current = await this.read(key);
      if (!current) return "gone";
      if (current.version !== version) return "conflict";
      if (expiresAt <= current.expiresAt) return "done";
      return this.overwrite(key, { ...current, expiresAt }, now);
    });
  }

  delete(key: string, version?: number): Promise<"done" | "gone" | SessionRow> {
    return inLine(this.store, key, async () => {
      const current = await this.read(key);
      if (!current) return "gone";
      if (version !== undefined && current.version !== version) return current;
      await this.end(key);
      return "done";
    });
  }

  protected async read(key: string): Promise<SessionRow | undefined> {
    const row = (await getRow(this.store, key)) as Partial<Kept> | undefined;
    if (typeof row?.sojourn !== "string") return undefined;
    return { value: row.sojourn, version: Number(row.version), expiresAt: Number(row.expiresAt) };
  }

  protected async isTaken(key: string): Promise<boolean> {
    return (await this.read(key)) !== undefined;
  }

  protected async overwrite(key: string, row: SessionRow, now: number): Promise<"done" | "gone"> {
    await this.write(key, row, now);
    return "done";
  }

  protected async write(key: string, row: SessionRow, now: number): Promise<void> {
    const { value, version, expiresAt } = row;
    const kept: Kept = { sojourn: value, version, expiresAt };
    await setRow(this.store, key, { ...kept, cookie: cookieFor(expiresAt - now + LATE) });
  }

  protected async end(key: string): Promise<void> {
    await destroyRow(this.store, key);
  }
}

/**
 * The same for many processes. The end of a row is written under a key of its own before the row goes. Whoever writes looks for
 * it afterwards, so that a write that was on its way brings nothing back.
 */
class MarkingTable extends ConnectTable {
  override async get(key: string): Promise<SessionRow | undefined> {
    const [row, hasEnded] = await Promise.all([this.read(key), this.#hasEnded(key)]);
    if (!hasEnded) return row;
    // A late write whose look for the mark has failed left the row. The next read tries again if this one fails.
    if (row) await destroyRow(this.store, key).catch(() => {});
    return undefined;
  }

  protected override async isTaken(key: string): Promise<boolean> {
    return (await this.#hasEnded(key)) || super.isTaken(key);
  }

  protected override async overwrite(
    key: string,
    row: SessionRow,
    now: number,
  ): Promise<"done" | "gone"> {
    await this.write(key, row, now);
    if (!(await this.#hasEnded(key))) return "done";
    await destroyRow(this.store, key);
    return "gone";
  }

  protected override async end(key: string): Promise<void> {
    const mark: ConnectRow = { ended: true, cookie: cookieFor((await this.#ageOf(key)) + ENDED) };
    await setRow(this.store, markOf(key), mark);
    await destroyRow(this.store, key);
  }

  /** How long a late write of the row may keep it: as long as the write before it, in milliseconds. */
  async #ageOf(key: string): Promise<number> {
    const row = await getRow(this.store, key);
    const { originalMaxAge } = (row?.cookie ?? {}) as { readonly originalMaxAge?: unknown };
    return Number(originalMaxAge) || 0;
  }

  async #hasEnded(key: string): Promise<boolean> {
    return (await getRow(this.store, markOf(key)))?.["ended"] === true;
  }
}

function markOf(key: string): string {
  return `ended.${key}`;
}

/** The stores of npm read from a cookie how long they keep a row. */
function cookieFor(milliseconds: number): Cookie {
  return new Cookie({ maxAge: Math.max(1000, milliseconds) });
}
