/** Hosts without an adapter: `sessions.read` and `sessions.open` look through them. */
import type { OpenOptions, ReadOptions } from "./answer.ts";
import type { Host } from "./host.ts";

/** The host behind `sessions.read`: nobody commits, because another library writes the head of the response. */
export class ReadOnlyHost implements Host {
  readonly anonymousOnError: boolean;
  readonly isActivity: boolean;
  readonly #cookie: string | null | undefined;

  constructor(cookie: string | null | undefined, { activity, onStoreError }: ReadOptions) {
    this.#cookie = cookie;
    this.isActivity = activity ?? false;
    this.anonymousOnError = onStoreError === "anonymous";
  }

  cookieHeader(): string | null | undefined {
    return this.#cookie;
  }

  onFirstLook(): boolean {
    return false;
  }

  isInsecure(): boolean {
    return false;
  }

  isGone(): boolean {
    return true;
  }

  onGone(): void {}
}

/** The host of a session that was opened without a middleware. */
export class OpenHost implements Host {
  readonly anonymousOnError: boolean;
  readonly isActivity = true;
  readonly #cookie: string | null | undefined;
  readonly #options: OpenOptions;

  constructor(cookie: string | null | undefined, options: OpenOptions) {
    this.#cookie = cookie;
    this.#options = options;
    this.anonymousOnError = options.onStoreError === "anonymous";
  }

  cookieHeader(): string | null | undefined {
    return this.#cookie;
  }

  onFirstLook(): boolean {
    return true;
  }

  isInsecure(): boolean {
    return this.#options.secure === false;
  }

  isGone(): boolean {
    return this.#options.gone?.() ?? false;
  }

  /** Nobody has to be told: whoever has opened the session commits it, whatever becomes of the answer. */
  onGone(): void {}
}
