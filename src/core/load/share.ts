import { inTime, isPending } from "../awaitable.ts";
import type { Awaitable } from "../awaitable.ts";
import { SessionError } from "../errors.ts";

/**
 * Milliseconds by which the end of a whole load or commit comes after the end of its calls, so that a call that is late
 * gives its own error.
 */
const MARGIN = 50;

/**
 * The time that one request has for its store, its load and its commit together. The time in which the handler works does
 * not count. A store that answers at once costs no look at a clock.
 */
export class Share {
  readonly #limit: number;
  /** The milliseconds that have passed in loads and commits that have ended. */
  #spent = 0;
  #isOpen = false;
  /** When the load or the commit that is under way began to wait. */
  #since: number | undefined;

  /** @param limit milliseconds */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The milliseconds that are left. From the first question on, the load or the commit that is under way counts. */
  get left(): number {
    if (!this.#isOpen) return this.#limit - this.#spent;
    this.#since ??= performance.now();
    return this.#limit - this.#spent - (performance.now() - this.#since);
  }

  /** Whether nothing is left. */
  get isOver(): boolean {
    const hasWaited = this.#spent > 0 || this.#since !== undefined;
    return hasWaited && this.left <= 0;
  }

  /** A load or a commit begins. */
  begin(): void {
    this.#isOpen = true;
  }

  /**
   * Ends a load or a commit in time, and stops counting.
   * @param more what the error says beside
   */
  bound<T>(answer: Awaitable<T>, more = ""): Awaitable<T> {
    if (!isPending(answer)) {
      this.#isOpen = false;
      return answer;
    }
    const late = (): SessionError => {
      const seconds = this.#limit / 1000;
      return new SessionError(
        "ERR_SESSION_STORE",
        `the session store did not answer within the ${seconds} seconds that a request has for it${more}`,
      );
    };
    return inTime(Math.max(0, this.left) + MARGIN, answer, { late, ended: () => this.#stop() });
  }

  #stop(): void {
    this.#spent = this.#limit - this.left;
    this.#isOpen = false;
    this.#since = undefined;
  }
}

/** Makes a commit in the time that the load has left. */
export function inShare<T>(share: Share | undefined, commit: () => Awaitable<T>): Awaitable<T> {
  if (!share) return commit();
  share.begin();
  return share.bound(commit(), "; whether it was written is not known");
}
