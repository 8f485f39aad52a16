import { SessionError } from "../../core/errors.ts";
import type { Cookie } from "./cookie.ts";
import { exchangeOf } from "./exchanges.ts";
import type { SessionVerbs } from "./exchanges.ts";

/** A callback, as express-session's methods take it. */
export type Done = (error?: unknown) => void;

interface Owner {
  readonly sessionID?: string;
  readonly sessionStore?: {
    get?(id: string, done: (error: unknown, row?: object | null) => void): void;
    set?(id: string, session: object, done: Done): void;
    destroy?(id: string, done: Done): void;
    createSession?(request: object, row: object): object;
  };
  session?: unknown;
}

/**
 * The session that a handler holds: a plain object whose own properties are the data. The request, the id and the methods
 * are not enumerable. At the commit the data is compared with what was loaded, so that references and nested edits count.
 */
export class Session {
  declare readonly req: Owner;
  declare readonly id: string;
  declare cookie: Cookie;

  constructor(req: Owner, data?: object | null) {
    Object.defineProperty(this, "req", { value: req });
    Object.defineProperty(this, "id", { value: req.sessionID });
    for (const [key, value] of Object.entries(data ?? {})) {
      if (!isReserved(key)) Reflect.set(this, key, value);
    }
  }

  touch(): this {
    return this.resetMaxAge();
  }

  resetMaxAge(): this {
    this.cookie.maxAge = this.cookie.originalMaxAge;
    return this;
  }

  // The number of declared parameters is read by grant.
  save(done?: Done): this | Promise<void> {
    return this.#run((verbs) => verbs.save(this), done);
  }

  reload(done?: Done): this | Promise<void> {
    return this.#run((verbs) => verbs.reload(), done);
  }

  destroy(done?: Done): this | Promise<void> {
    if (this.req.session === this) delete this.req.session;
    return this.#run((verbs) => verbs.destroy(), done);
  }

  regenerate(done?: Done): this | Promise<void> {
    return this.#run((verbs) => verbs.regenerate(), done);
  }

  /** Gives the session for a caller with a callback, and otherwise a promise. */
  #run(verb: (verbs: SessionVerbs) => Promise<void>, done: Done | undefined): this | Promise<void> {
    const work = verb(exchangeOf(this.req) ?? new LoneVerbs(this)).catch((error: unknown) => {
      throw asThrown(error);
    });
    if (typeof done !== "function") {
      work.catch(() => {}); // Nobody need wait: what was not saved is committed with the answer, which gets the error.
      return work;
    }
    // What the callback throws is no rejection of ours.
    work.then(
      () => process.nextTick(done),
      (error: unknown) => process.nextTick(done, error),
    );
    return this;
  }
}

/** Whether a session cannot show this key of a row: `save` or `__proto__` would hide a method. */
export function isReserved(key: string): boolean {
  return key === "req" || key === "id" || key in Session.prototype;
}

/** The error of a store, as the store has thrown it: handlers of errors know the errors of their database. */
export function asThrown(error: unknown): unknown {
  const isStore = error instanceof SessionError && error.code === "ERR_SESSION_STORE";
  return isStore && error.cause !== undefined ? error.cause : error;
}

/** The methods of a session that `store.load` or `store.createSession` has made, without a request of this middleware. */
class LoneVerbs implements SessionVerbs {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  save(session: object): Promise<void> {
    return this.#call((store, done) => store.set?.(this.#session.id, session, done));
  }

  reload(): Promise<void> {
    const { req, id } = this.#session;
    return this.#call((store, done) =>
      store.get?.(id, (error, row) => {
        if (error) return done(error);
        if (!row) return done(new Error("failed to load session"));
        store.createSession?.(req, row);
        return done();
      }),
    );
  }

  destroy(): Promise<void> {
    return this.#call((store, done) => store.destroy?.(this.#session.id, done));
  }

  regenerate(): Promise<void> {
    return this.destroy();
  }

  generate(): void {}

  #call(ask: (store: NonNullable<Owner["sessionStore"]>, done: Done) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      ask(this.#session.req.sessionStore ?? {}, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  }
}
