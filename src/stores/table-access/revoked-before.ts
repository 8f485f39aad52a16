import { isPending, together } from "../../core/awaitable.ts";
import { SessionError } from "../../core/errors.ts";
import type { StoreContext } from "../../core/store.ts";
import { countedSignInOf } from "../../core/subject/signed-in-at.ts";
import type { RecordFormat, SideRecords } from "./side-records.ts";

/** Milliseconds for which a process goes by the last answer of its table. */
export const BEFORE_STALENESS = 60_000;

/** The first characters of the row, which name the format of the rest. */
const FORMAT = "b1";
/** There is one mark for each cookie name, whose sessions are all meant. */
const ID = "";

type Times = Parameters<typeof countedSignInOf>[0];

/** The mark of `revokeBefore`. It matters as long as a session from before it could live. */
export function beforeFormat({
  now,
  lifespans: { longest },
  adopt,
}: StoreContext): RecordFormat<number> {
  const endOf = (time: number): number => Math.max(time + longest, adopt?.until ?? 0);
  return {
    purpose: "before",
    empty: 0,
    prune: (time) => (endOf(time) > now() ? time : 0),
    isEmpty: (time) => time === 0,
    write: (time) => FORMAT + String(time),
    expiresAt: (time) => Math.ceil(endOf(time)),
    read(text) {
      if (text.startsWith(FORMAT)) return Number(text.slice(FORMAT.length));
      throw new SessionError(
        "ERR_SESSION_STORE",
        "the mark of revokeBefore was written by another version of Sojourn",
      );
    },
  };
}

/**
 * The moment before which no session counts, as the table keeps it and this process has last read it. The moment only
 * moves later, so that an answer that comes late takes nothing back.
 */
export class RevokedBefore {
  readonly #rows: () => readonly SideRecords<number>[];
  readonly #context: Pick<StoreContext, "now" | "signInClock">;
  #time = 0;
  /** When the question was asked that the table has answered last. */
  #askedAt = -Infinity;
  #asking: { readonly at: number; readonly answer: Promise<void> } | undefined;

  /** @param rows gives the rows that may hold the mark */
  constructor(
    rows: () => readonly SideRecords<number>[],
    context: Pick<StoreContext, "now" | "signInClock">,
  ) {
    this.#rows = rows;
    this.#context = context;
  }

  /**
   * Asks the table if its last answer is too old. Gives `undefined` if there is nothing to wait for. A rejection is the
   * table's failure: nobody may pass whom the mark could refuse. It never throws.
   */
  refresh(): Promise<void> | undefined {
    const at = this.#context.now();
    if (at - this.#askedAt < BEFORE_STALENESS) return undefined;
    if (this.#asking && at - this.#asking.at < BEFORE_STALENESS) return this.#asking.answer;
    const reading = together(this.#rows().map((rows) => () => rows.read(ID)));
    if (!isPending(reading)) {
      this.#learn(at, reading);
      return undefined;
    }
    const asking = { at, answer: this.#await(at, reading) };
    this.#asking = asking;
    return asking.answer;
  }

  /**
   * Whether the mark, as this process knows it, covers a session: it was created before, and nobody has signed in since.
   */
  covers(times: Times): boolean {
    return this.#time > 0 && countedSignInOf(times) < this.#time;
  }

  /** Moves the mark to this time, or leaves it where it is if that is later. */
  async raise(time: number): Promise<void> {
    const raised = this.#rows().map((rows) => rows.change(ID, (before) => Math.max(before, time)));
    await Promise.all(raised);
    this.#met(time);
  }

  async #await(at: number, reading: PromiseLike<readonly number[]>): Promise<void> {
    try {
      this.#learn(at, await reading);
    } finally {
      if (this.#asking?.at === at) this.#asking = undefined;
    }
  }

  #learn(at: number, times: readonly number[]): void {
    this.#askedAt = Math.max(this.#askedAt, at);
    this.#met(Math.max(...times));
  }

  #met(time: number): void {
    this.#time = Math.max(this.#time, time);
    this.#context.signInClock.meetForAll(this.#time);
  }
}
