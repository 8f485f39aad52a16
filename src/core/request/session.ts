import { inspect } from "node:util";
import type { Outcome } from "../cookie/response-headers.ts";
import { chain, isPending, rescue } from "../awaitable.ts";
import type { Awaitable } from "../awaitable.ts";
import { Changes } from "./changes.ts";
import { asStoreError, commitSession } from "./commit.ts";
import { Configuration } from "./settings.ts";
import { SessionError } from "../errors.ts";
import { refuseAssignments } from "./assignment-guard.ts";
import { NO_SESSION, check, load } from "./load.ts";
import type { Loaded } from "./load.ts";
import { checkKey, misuse } from "../misuse.ts";
import type { Settings } from "../options/read-options.ts";
import { newStamp } from "../stamp.ts";
import type { Bag } from "../store.ts";
import { copyOut, own } from "../data/values.ts";

/** One request, as its host shows it to the session. */
export interface Host {
  /** The request's Cookie header; several are joined by `"; "`. */
  cookieHeader(): string | null | undefined;
  /**
   * The handler looks at the session for the first time: from here on the host must commit before the
   * head leaves. Gives `false` when it has left already.
   */
  onLook(session: RequestSession): boolean;
  /** Whether the host believes that the request came over plain http, and not from this machine. */
  isInsecure(): boolean;
  /** Whether the client has gone, so that no cookie reaches it. */
  isGone(): boolean;
  /** Whether a failing store gives an empty session that refuses writes, instead of an error. */
  readonly anonymousOnError: boolean;
}

/**
 * The session of one request: what was loaded, and what the request does to it. `Session` in `types.ts`
 * describes it for applications, typed by their data.
 */
export class RequestSession {
  readonly #settings: Settings;
  readonly #host: Host;
  #fetched = false;
  #fetching: Awaitable<void> | undefined;
  /** `undefined` until the store was read. */
  #loaded: Loaded | undefined;
  /** `undefined` until the handler looks at the session. */
  #changes: Changes | undefined;
  /** What was done before a drop, in case the drop is withdrawn. */
  #beforeDrop: Changes | undefined;
  #configuration: Configuration | undefined;
  /** When the handler put the subject that the session has now. */
  #subjectAt: number | undefined;
  #committed = false;
  #handle: string | undefined;
  #failure: SessionError | undefined;

  static {
    // For logs: the handle, and never the data.
    Object.defineProperty(this.prototype, inspect.custom, {
      value(this: RequestSession): string {
        return `Session { handle: ${this.#handle ?? "undefined"} }`;
      },
    });
  }

  constructor(settings: Settings, host: Host) {
    this.#settings = settings;
    this.#host = host;
  }

  /** Reads the session; where the store answers at once, that waits until somebody looks at it. */
  fetch(): Awaitable<void> {
    if (this.#fetched) return undefined;
    if (this.#settings.backend.immediate) {
      this.#fetched = true;
      return undefined;
    }
    this.#fetching ??= chain(this.#load(), () => {
      this.#fetched = true;
    });
    return this.#fetching;
  }

  get handle(): string | undefined {
    this.#look();
    return this.#handle;
  }

  get available(): boolean {
    this.#look();
    return this.#failure === undefined;
  }

  get(...keys: [] | [key: string]): unknown {
    const { data } = this.#look();
    return keys.length === 0 ? copyOut({ ...data }) : copyOut(own(data, checkKey(keys[0])));
  }

  put(key: string, value: unknown): this {
    const changes = this.#write();
    const { data } = changes;
    changes.put(checkKey(key), this.#settings.schema.accept(key, value));
    this.#noteSubject(data, changes.data);
    return this;
  }

  delete(key: string): this {
    if (key === undefined) {
      throw misuse("delete takes the key to delete; dropSession(conn) or session.drop() logs out");
    }
    this.#write().delete(checkKey(key));
    return this;
  }

  update(key: string, change: (value: unknown) => unknown): this {
    if (typeof change !== "function") {
      throw misuse("update takes a key and a function from the old value to the new one");
    }
    const changes = this.#write();
    const { data } = changes;
    changes.update(checkKey(key), this.#settings.schema.acceptFrom(key, change));
    this.#noteSubject(data, changes.data);
    return this;
  }

  flash(key: string, ...values: [] | [value: unknown]): unknown {
    checkKey(key);
    const changes = this.#write();
    const { schema } = this.#settings;
    if (values.length === 0) return copyOut(schema.show(key, changes.take(key)));
    changes.leave(key, newStamp(), schema.accept(key, values[0]));
    return this;
  }

  configure(name: string, value: unknown): this {
    const changes = this.#write();
    const { key, cookie } = this.#settings;
    const sent = this.#loaded?.stored?.record.sent;
    this.#configuration ??= new Configuration(key, { ...cookie, ...sent });
    const dropped = this.#configuration.drop;
    this.#configuration.set(name, value);
    if (this.#configuration.drop === dropped) return this;
    if (dropped) {
      this.#changes = this.#beforeDrop ?? changes;
      changes.repeatOn(this.#changes);
    } else {
      // What is put from here on belongs to a new session.
      this.#beforeDrop = changes;
      this.#changes = new Changes();
    }
    return this;
  }

  renew(): this {
    return this.configure("renew", true);
  }

  drop(): this {
    return this.configure("drop", true);
  }

  /**
   * Writes the session back, once: called by the host when the head is about to leave. Gives `undefined`
   * when the handler never looked at the session.
   */
  commit(): Awaitable<Outcome | undefined> {
    const changes = this.#changes;
    const done = this.#committed;
    this.#committed = true;
    if (done || !changes) return undefined;
    if (this.#failure) return { setCookie: undefined };
    const commit = {
      settings: this.#settings,
      loaded: this.#loaded ?? NO_SESSION,
      changes,
      configuration: this.#configuration,
      subjectAt: this.#subjectAt,
      host: this.#host,
    };
    return chain(commitSession(commit), (outcome) => {
      this.#handle = outcome.handle;
      return outcome;
    });
  }

  #load(): Awaitable<void> {
    const loading = (): Awaitable<Loaded> => load(this.#settings, this.#host.cookieHeader());
    return chain(
      rescue(
        () => asStoreError(loading, "loading a session"),
        (error) => {
          const isOutage = error instanceof SessionError && error.code === "ERR_SESSION_STORE";
          if (!this.#host.anonymousOnError || !isOutage) throw error;
          this.#failure = error;
          return NO_SESSION;
        },
      ),
      (loaded) => {
        this.#loaded = loaded;
      },
    );
  }

  /** The data as this request sees it; the first look tells the host. */
  #look(): Changes {
    if (this.#changes) return this.#changes;
    if (!this.#fetched) {
      throw new SessionError(
        "ERR_SESSION_NOT_FETCHED",
        "the session was used before it was fetched; call `await fetchSession(conn)` first, " +
          "or leave `fetch: false` out of the host's options",
      );
    }
    const loading = this.#loaded ? undefined : this.#load();
    if (isPending(loading)) {
      loading.then(undefined, () => {}); // The error below says what has to be mended.
      throw new SessionError(
        "ERR_SESSION_STORE",
        "the store says that it answers at once and gave a promise; `immediate` must be false",
      );
    }
    this.#loaded = check(this.#settings, this.#loaded ?? NO_SESSION);
    this.#handle = this.#loaded.stored?.handle;
    this.#changes = new Changes(this.#loaded.base ?? this.#loaded.stored?.record);
    if (!this.#committed && !this.#host.onLook(this)) this.#committed = true;
    return this.#changes;
  }

  /** A log-in counts from here on, not from its commit. Throws when the subject cannot be one. */
  #noteSubject(before: Bag, after: Bag): void {
    const { moments, subjectOf } = this.#settings;
    const subject = subjectOf(after);
    if (subject !== undefined && subject !== subjectOf(before)) this.#subjectAt = moments.ofLogIn();
  }

  #write(): Changes {
    const changes = this.#look();
    if (this.#committed) {
      throw new SessionError(
        "ERR_SESSION_COMMITTED",
        "the session can only be read: the response has started, or `sessions.read` gave it; " +
          "write before the first byte is sent",
      );
    }
    if (this.#failure) throw this.#failure;
    return changes;
  }
}

refuseAssignments(RequestSession.prototype);
