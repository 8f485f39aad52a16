import { andThen, recover } from "../awaitable.ts";
import type { Awaitable } from "../awaitable.ts";
import { readCookies } from "../cookie/read-cookies.ts";
import { SessionError, notFetched } from "../errors.ts";
import type { ResolvedOptions } from "../options/read-options.ts";
import { asStoreError } from "../store-errors.ts";
import { LOADING, NOTHING_FOUND, findSessions } from "./find.ts";
import type { Found } from "./find.ts";
import { openRest, openSession } from "./load.ts";
import type { Loaded } from "./load.ts";
import { Share } from "./share.ts";

/** A request, as far as loading its session needs it. */
export interface LoadingRequest {
  /** The request's Cookie header; several are joined by `"; "`. */
  cookieHeader(): string | null | undefined;
  /** Whether a failing store gives an empty session that refuses writes, instead of an error. */
  readonly anonymousOnError: boolean;
}

/** Loads the session of one request in two steps: the store is asked before the handler, and a look opens the answer. */
export class Loading {
  readonly #options: ResolvedOptions;
  readonly #request: LoadingRequest;
  #asking: Awaitable<void> | undefined;
  /** `undefined` until the store has answered. */
  #found: Found | undefined;
  /** Why the store could not be asked: an error for whoever looks, and for nobody else. */
  #failure: { readonly error: unknown } | undefined;
  #opened: Loaded | undefined;
  #rest: Loaded | undefined;
  #share: Share | undefined;
  #outage: SessionError | undefined;

  constructor(options: ResolvedOptions, request: LoadingRequest) {
    this.#options = options;
    this.#request = request;
  }

  /** The time that the request has for its store; `undefined` if the store needs none. */
  get share(): Share | undefined {
    const { timeout } = this.#options.backend;
    if (timeout === undefined) return undefined;
    return (this.#share ??= new Share(timeout));
  }

  /** Whether the store could not be asked, for all cookies of the request or for some. */
  get hasFailed(): boolean {
    return this.#failure !== undefined;
  }

  /** Why the store could not be read, if the host goes on without it and somebody has looked. */
  get outage(): SessionError | undefined {
    return this.#outage;
  }

  /** Asks the store, once. It never fails: if the store does, whoever looks at the session hears of it. */
  fetch(): Awaitable<void> {
    if (this.#found) return undefined;
    return (this.#asking ??= this.#ask());
  }

  /** The same, for whoever asks for the session itself. @throws ERR_SESSION_STORE when the store fails */
  async fetchOrThrow(): Promise<void> {
    await this.fetch();
    if (this.#failure && !this.#outage) this.#tolerate(this.#failure.error);
  }

  /** Opens what was found, once. @throws ERR_SESSION_NOT_FETCHED, ERR_SESSION_STORE */
  open(): Loaded {
    if (!this.#found) throw notFetched();
    if (this.#failure) this.#tolerate(this.#failure.error);
    // Where the store has failed for one of several cookies, nobody can say whose session it is.
    const found = this.#failure ? NOTHING_FOUND : this.#found;
    return (this.#opened ??= openSession(this.#options, found));
  }

  /**
   * Opens the rest for a log-out, if the store has failed for some of several cookies: it ends what it can. Gives
   * `undefined` if the load has failed as a whole, or not at all.
   */
  openRest(): Loaded | undefined {
    if (!this.#found?.failure) return undefined;
    this.#outage = undefined;
    return (this.#rest ??= openRest(this.#options, this.#found));
  }

  /** Whether a look would show somebody's session. It is no look itself: nobody is told, and nothing is touched. */
  mayOpen(): boolean {
    const { cookieName } = this.#options;
    if (!this.#found) return readCookies(this.#request.cookieHeader(), cookieName).length > 0;
    if (this.#failure) return false;
    try {
      return this.open().stored !== undefined;
    } catch {
      return false; // A schema that fails shows nothing, and its error is for whoever looks.
    }
  }

  #ask(): Awaitable<void> {
    const finding = recover(
      () => asStoreError(() => this.#find(), LOADING),
      (error) => {
        this.#failure = { error };
        return NOTHING_FOUND;
      },
    );
    return andThen(finding, (found) => {
      this.#found = found;
      this.#failure ??= found.failure;
    });
  }

  #find(): Awaitable<Found> {
    return findSessions(this.#options, this.#request.cookieHeader(), this);
  }

  /** An outage is not a log-out: it is the request's error, unless the host says that the request goes on. */
  #tolerate(error: unknown): void {
    const isOutage = error instanceof SessionError && error.code === "ERR_SESSION_STORE";
    if (!this.#request.anonymousOnError || !isOutage) throw error;
    this.#outage = error;
  }
}
