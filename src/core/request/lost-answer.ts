import type { Client } from "../commit/client.ts";
import type { Committer, Host } from "./host.ts";

/** Milliseconds for which a handler may work without a client before its session is committed. */
const HANDLER_MS = 30_000;

/** A session whose answer is lost. Its errors are events. */
interface LostSession extends Committer {
  /** Ends the stored session now, if the handler has logged out. */
  dropUnanswered(): void;
}

/**
 * Watches the answer that shall carry a session's cookie. The answer is lost if the client goes, or if the answer is
 * destroyed, before the head has left. A log-out is then carried out at once, because the handler may never end. Other
 * writes wait for the handler's end, so that they are committed once.
 */
export class LostAnswer implements Client {
  readonly #session: LostSession;
  readonly #host: Host;
  #isLost = false;
  #hasEnded = false;
  #commit: "open" | "begun" | "made" = "open";
  #timer: NodeJS.Timeout | undefined;

  constructor(session: LostSession, host: Host) {
    this.#session = session;
    this.#host = host;
    host.onGone(() => this.#lose());
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  isGone(): boolean {
    return this.#isLost || this.#host.isGone();
  }

  isInsecure(): boolean {
    return this.#host.isInsecure();
  }

  /** Notes that the handler has ended, or that its time is over. */
  handlerEnded(): void {
    this.#hasEnded = true;
    if (this.#isLost) void this.#session.commit();
  }

  commitBegins(): void {
    this.#commit = "begun";
    clearTimeout(this.#timer);
    if (this.#host.isGone()) this.#lose();
  }

  /** Notes that the commit was made. The head leaves now, and the fate of the body does not matter. */
  commitMade(): void {
    this.#commit = "made";
  }

  #lose(): void {
    if (this.#isLost || this.#commit === "made") return;
    this.#isLost = true;
    if (this.#commit === "begun") return;
    this.#session.dropUnanswered();
    if (this.#hasEnded) void this.#session.commit();
    else this.#timer = setTimeout(() => this.handlerEnded(), HANDLER_MS);
  }
}
