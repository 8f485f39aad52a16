/**
 * The order of log-ins and revocations, on the one clock. A millisecond is long enough for both, here and in other
 * processes, and a revocation must not miss the log-in that it was meant for.
 */
export class Moments {
  readonly #now: () => number;
  #last = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** When a subject is put: later than all that happened in this process before. */
  ofLogIn(): number {
    this.#last = Math.max(this.#now(), this.#last + 0.001);
    return this.#last;
  }

  /** The end of the millisecond: every log-in of it is before that, wherever it took place; the next one here is not. */
  ofRevocation(): number {
    this.#last = Math.floor(Math.max(this.#now(), this.#last)) + 1;
    return this.#last;
  }
}
