import { BoundedMap } from "../bounded-map.ts";

/** The most subjects whose last revocation is remembered. */
const REMEMBERED = 10_000;

/** The time of a log-in. */
export interface SignIn {
  /** When the log-in counts as made, where revocations and log-ins are put into an order. */
  readonly since: number;
  /** The milliseconds by which `since` is later than the clock; absent for one or less. */
  readonly ahead?: number;
}

/**
 * Puts log-ins and revocations into an order. Both can happen within one millisecond, here and in other processes, and a
 * revocation must not miss the log-in that it was meant for. If the clock of another process is ahead, its revocations
 * are in our future. A log-in that begins after we have met one is later, and so it must not count as earlier.
 */
export class SignInClock {
  readonly #now: () => number;
  #lastLogIn = 0;
  #lastRevocation = 0;
  /** The last revocation of every session that this process has met. */
  #metForAll = 0;
  /** The last revocation of each subject that this process has met, if it was in our future. */
  readonly #met = new BoundedMap<number>(REMEMBERED);

  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Gives the time of a log-in: later than every earlier log-in of this process, and not before a revocation that this
   * process has made or met.
   */
  signIn(subject: string): SignIn {
    const now = this.#now();
    this.#lastLogIn = Math.max(now, this.#lastLogIn + 0.001, this.#lastRevocation);
    // The log-ins of other subjects do not follow: the revocation of one user must not date them in the future.
    const since = Math.max(this.#lastLogIn, this.#metForAll, this.#met.get(subject) ?? 0);
    return since - now > 1 ? { since, ahead: since - now } : { since };
  }

  /** Gives the time of a new session of nobody, if its creation would count as before a revocation of every session. */
  creation(): number | undefined {
    return this.#metForAll > this.#now() ? this.#metForAll : undefined;
  }

  /**
   * Gives the time of a revocation: the end of this millisecond. A log-in of the same millisecond, in any process,
   * counts as earlier, and the revocation ends it. The next log-in of this process counts as later.
   */
  revocationTime(): number {
    const end = Math.floor(Math.max(this.#now(), this.#lastLogIn)) + 1;
    this.#lastRevocation = Math.max(end, this.#lastRevocation);
    return this.#lastRevocation;
  }

  /** Notes a revocation of this subject that stands in the table. */
  meet(subject: string, revokedAt: number): void {
    // One in the past is earlier than any later log-in anyway, and mostly there is no other.
    if (revokedAt > this.#now()) this.#met.set(subject, revokedAt);
  }

  /** Notes a revocation of every session that stands in the table. */
  meetForAll(revokedAt: number): void {
    this.#metForAll = Math.max(this.#metForAll, revokedAt);
  }
}
