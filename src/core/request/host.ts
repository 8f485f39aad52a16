import type { Awaitable } from "../awaitable.ts";
import type { Client } from "../commit/client.ts";
import type { CommitResult, PageCaching } from "../cookie/response-headers.ts";
import type { LoadingRequest } from "../load/loading.ts";

/** What a host drives: the commit of one session, before the head of its response leaves. */
export interface Committer {
  /** Writes the session back, once. Gives `undefined` if the handler has not looked, or if it was done before. */
  commit(): Awaitable<CommitResult | undefined>;
  /** What its page tells caches; absent for the default. */
  readonly pages?: PageCaching | undefined;
}

/** One request, as its host shows it to the session. */
export interface Host extends LoadingRequest, Client {
  /**
   * The handler looks at the session for the first time: from here on the host must call `session.commit()` before
   * the head leaves. Gives `false` if the head has left already.
   */
  onFirstLook(session: Committer): boolean;
  /** Whether a look at the session is activity, for which it lives longer. */
  readonly isActivity: boolean;
  /**
   * Whether the cookie was taken out of the request, by a cache that gives the answer to others. Asked at every look.
   */
  readonly hidesCookie?: ((name: string) => boolean) | undefined;
  /** Whether a head has left that lets a shared cache keep the answer: then a first look comes too late. */
  hasSharedHead?(): boolean;
  /** Calls `told` when that comes about; at once if it has. May also call it after an answer that has left. */
  onGone(told: () => void): void;
}
