/**
 * Puts log-ins and revocations into an order. Both can happen within one millisecond, here and in other processes, and a
 * revocation must not miss the log-in that it was meant for.
 */
export class SignInClock {
  readonly #now: () => number;
  #lastLogIn = 0;
  #lastRevocation = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Gives the time of a log-in: later than every earlier log-in of this process, and not before a revocation. */
  signInTime(): number {
    this.#lastLogIn = Math.max(this.#now(), this.#lastLogIn + 0.001, this.#lastRevocation);
    return this.#lastLogIn;
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
}
