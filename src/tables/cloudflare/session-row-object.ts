import type { SessionRow } from "../../core/store.ts";

/** The part of a Durable Object's state that the class uses. */
export interface DurableState {
  readonly storage: {
    get(key: string): Promise<unknown>;
    put(key: string, value: unknown): Promise<void>;
    deleteAll(): Promise<void>;
    getAlarm(): Promise<number | null>;
    setAlarm(time: number): Promise<void>;
    readonly sql: { readonly databaseSize: number };
  };
}

/** What an object keeps: a row, or the mark of one that was deleted, which has no version. */
interface Kept extends Partial<Omit<SessionRow, "value" | "rank">> {
  /** In UTF-8, so that a row of 1 MB is no longer in the storage, which takes 2 MB. */
  readonly value?: Uint8Array;
  /** When the object removes it, by the clock of the machine that the object runs on. */
  readonly removedAt: number;
}

type Question =
  | readonly [key: string, method: "get"]
  | readonly [key: string, method: "insert", row: SessionRow, lives: number]
  | readonly [key: string, method: "replace", version: number, row: SessionRow, lives: number]
  | readonly [key: string, method: "touch", version: number, expiresAt: number, lives: number]
  | readonly [key: string, method: "delete", version: number | null];

/**
 * How long after its deadline the object removes a row, in milliseconds. The core judges the deadline itself, by a clock
 * that need not agree with this machine's.
 */
const LATE = 300_000;
/**
 * How long a deleted key refuses an insert, in milliseconds. The runtime sends a call again by itself if the connection to
 * the object drops, so that an insert may arrive after the row was deleted.
 */
const MARK = 15 * 60_000;
/** An alarm takes no time that is centuries ahead. One that comes before the row's removal is set again. */
const LONGEST_WAIT = 365 * 24 * 60 * 60_000;

/**
 * A Durable Object that keeps one row of `durableTable`. The worker exports it, and `wrangler.jsonc` names it under
 * `new_sqlite_classes`. No other request runs while one reads and writes the storage, so that each method is atomic.
 */
export class SessionRowObject {
  readonly #storage: DurableState["storage"];

  /** @throws if the class was declared under `new_classes`: that storage takes no row of more than 128 KiB */
  constructor(state: DurableState) {
    this.#storage = state.storage;
    // There the look at the size is an error of the runtime, which says what to declare.
    if (state.storage.sql.databaseSize === undefined) throw new Error("the storage is not SQLite");
  }

  /** Answers a question of `durableTable`, and repeats the key. */
  async fetch(request: Request): Promise<Response> {
    const question = (await request.json()) as Question;
    return Response.json([question[0], (await this.#answer(question)) ?? null]);
  }

  /** Removes the row, unless its deadline has moved since the alarm was set. */
  async alarm(): Promise<void> {
    const kept = await this.#kept();
    if (kept && kept.removedAt > now()) await this.#setAlarm(kept.removedAt);
    else await this.#storage.deleteAll();
  }

  async #answer(question: Question): Promise<unknown> {
    const kept = await this.#kept();
    const [, method] = question;
    if (method === "insert") {
      if (kept) return false;
      const [, , row, lives] = question;
      await this.#keep(row, lives);
      return true;
    }
    const row = kept && toRow(kept);
    if (method === "get" || !row) return method === "get" ? row : "gone";
    const [, , version] = question;
    if (version !== null && version !== row.version) return method === "touch" ? "conflict" : row;
    if (method === "replace") await this.#keep(question[3], question[4]);
    if (method === "touch" && question[3] > row.expiresAt) {
      await this.#keep({ ...row, expiresAt: question[3] }, question[4]);
    }
    if (method === "delete") await this.#put({ removedAt: now() + MARK });
    return "done";
  }

  async #kept(): Promise<Kept | undefined> {
    return (await this.#storage.get("row")) as Kept | undefined;
  }

  #keep({ value, version, expiresAt }: SessionRow, lives: number): Promise<void> {
    const removedAt = now() + Math.max(0, lives) + LATE;
    return this.#put({ value: new TextEncoder().encode(value), version, expiresAt, removedAt });
  }

  async #put(kept: Kept): Promise<void> {
    // The storage writes together what is asked for without a wait between.
    await Promise.all([this.#storage.put("row", kept), this.#setAlarm(kept.removedAt)]);
  }

  /** An alarm that comes too early costs less than one that each request moves. */
  async #setAlarm(removedAt: number): Promise<void> {
    const alarm = await this.#storage.getAlarm();
    if (alarm !== null && alarm <= removedAt) return;
    await this.#storage.setAlarm(Math.min(removedAt, now() + LONGEST_WAIT));
  }
}

function toRow({ value, version, expiresAt }: Kept): SessionRow | undefined {
  if (value === undefined || version === undefined || expiresAt === undefined) return undefined;
  // A byte order mark at the beginning belongs to the text.
  return { value: new TextDecoder("utf-8", { ignoreBOM: true }).decode(value), version, expiresAt };
}

/** The clock of the machine that runs the object: its alarms are set by it, as a database removes rows by its own. */
function now(): number {
  return Date.now();
}
