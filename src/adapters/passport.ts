/** The `req.session` that Passport 0.7 and @fastify/passport 4 expect, kept in a Sojourn session. */
import { SessionError, configError } from "../core/errors.ts";
import { hostSessionsOf } from "../core/sessions.ts";
import type { AnySessions, Conn, Session } from "../core/types.ts";

type Data = Record<string, unknown>;

/** The key under which Passport keeps the user. */
const PASSPORT = "passport";

/**
 * Makes a middleware for Express and an `onRequest` hook for Fastify. It gives Passport its own `req.session`, and must
 * stand below the session middleware. Properties read from the session of the request and write to it, also deep inside
 * of a value.
 * @example
 * ```ts
 * import express from "express";
 * import passport from "passport";
 * import { session } from "sojourn/express";
 * import { passportSession } from "sojourn/passport";
 *
 * const app = express();
 * app.use(session(sessions, { as: "visit" }), passportSession(sessions), passport.session());
 * ```
 */
export function passportSession(
  sessions: AnySessions,
): (req: Conn, res: unknown, next: () => void) => void {
  hostSessionsOf(sessions);
  return (req, _res, next) => {
    const there: unknown = Reflect.get(req, "session");
    // Fastify declares a property of requests with null.
    if (there !== undefined && there !== null) {
      throw configError('request.session is Passport\'s; use session(sessions, { as: "…" })');
    }
    let kept = createPassportSession(sessions.of(req), renew);
    function renew(): object {
      kept = createPassportSession(sessions.of(req), renew);
      return kept;
    }
    Object.defineProperty(req, "session", { configurable: true, get: () => kept });
    next();
  };
}

/** The methods that Passport calls. They are not enumerable, because they are no data. */
class PassportSession {
  readonly #session: Session;
  readonly #renew: () => object;
  /** The drafts of values, which can be changed deep inside, with the values from which they were made. */
  readonly #drafts = new Map<string, { readonly source: unknown; readonly draft: object }>();
  /** The data from before another session took this one's place. Passport copies from there what it keeps. */
  #past: Readonly<Data> | undefined;
  #failure: unknown;

  constructor(session: Session, renew: () => object) {
    this.#session = session;
    this.#renew = renew;
  }

  /** Ends the session. A later put begins another one, under a new cookie. */
  regenerate(how: readonly string[] | ((error?: unknown) => void) = []): Promise<void> | undefined {
    try {
      const past = this.data();
      this.#past = past;
      this.#session.drop();
      const next = this.#renew();
      if (typeof how !== "function") for (const key of how) Reflect.set(next, key, past[key]);
    } catch (error) {
      if (typeof how !== "function") return Promise.reject(error);
      how(error);
      return undefined;
    }
    if (typeof how !== "function") return Promise.resolve();
    how();
    return undefined;
  }

  /** Tells Passport what it could not write. All else is the host's, which commits. */
  save(done: (error?: unknown) => void = () => {}): void {
    const error = this.#failure;
    this.#failure = undefined;
    done(error);
  }

  data(): Readonly<Data> {
    return this.#past ?? this.#session.get();
  }

  get(key: string): unknown {
    const source = this.#read(key);
    if (!isPlain(source)) return source;
    const known = this.#drafts.get(key);
    if (known?.source === source) return known.draft;
    const root = structuredClone(source);
    const draft: object = draftOf(root, () => {
      this.set(key, root);
      this.#drafts.set(key, { source: this.#read(key), draft });
    });
    this.#drafts.set(key, { source, draft });
    return draft;
  }

  #read(key: string): unknown {
    return this.#past ? this.#past[key] : this.#session.get(key);
  }

  set(key: string, value: unknown): void {
    if (this.#past) return;
    try {
      if (value === undefined) this.#session.delete(key);
      else this.#put(key, value);
    } catch (error) {
      // Passport writes in the callback of the serializer, where nobody catches: an error would end the process. It
      // calls `save` directly afterwards, and hands on what that tells.
      if (key !== PASSPORT) throw error;
      this.#failure ??= error;
    }
  }

  #put(key: string, value: unknown): void {
    try {
      this.#session.put(key, value);
    } catch (error) {
      const isForeign =
        error instanceof SessionError && error.code === "ERR_SESSION_NOT_SERIALIZABLE";
      if (!isForeign) throw error;
      this.#session.put(key, asJson(value));
    }
  }
}

function createPassportSession(session: Session, renew: () => object): object {
  const kept = new PassportSession(session, renew);
  const methods: Readonly<Record<PropertyKey, unknown>> = {
    regenerate: kept.regenerate.bind(kept),
    save: kept.save.bind(kept),
    data: kept.data.bind(kept),
    get: kept.get.bind(kept),
    set: kept.set.bind(kept),
  };
  return new Proxy<object>(
    {},
    {
      get: (_, name) => methods[name] ?? (typeof name === "string" ? kept.get(name) : undefined),
      set: (_, name, value) => {
        kept.set(String(name), value);
        return true;
      },
      deleteProperty: (_, name) => {
        kept.set(String(name), undefined);
        return true;
      },
      has: (_, name) => name in methods || Object.hasOwn(kept.data(), name),
      ownKeys: () => Object.keys(kept.data()),
      getOwnPropertyDescriptor: (_, name) =>
        Object.hasOwn(kept.data(), name)
          ? { value: kept.get(String(name)), writable: true, enumerable: true, configurable: true }
          : undefined,
    },
  );
}

/**
 * Replaces objects of classes by what they give for JSON, which other libraries store: a serializer hands over the id of a
 * database, such as an ObjectId of MongoDB.
 * @param path the objects around the value; one that contains itself stays, and is refused
 */
function asJson(value: unknown, path: readonly unknown[] = []): unknown {
  if (typeof value !== "object" || value === null || path.includes(value)) return value;
  const object: object = value;
  const inside = [...path, value];
  if (Array.isArray(value)) return value.map((each) => asJson(each, inside));
  if (isPlain(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [name, asJson(each, inside)]),
    );
  }
  const { toJSON } = object as { readonly toJSON?: unknown };
  const isForeign = typeof toJSON === "function" && !(object instanceof Date);
  return isForeign ? (toJSON.call(object) as unknown) : object;
}

/** Wraps a plain value, so that a change of any part of it calls `changed`. */
function draftOf(value: object, changed: () => void): object {
  return new Proxy(value, {
    get(target, name, receiver) {
      const found: unknown = Reflect.get(target, name, receiver);
      return isPlain(found) ? draftOf(found, changed) : found;
    },
    set(target, name, next) {
      const done = Reflect.set(target, name, next);
      changed();
      return done;
    },
    deleteProperty(target, name) {
      const done = Reflect.deleteProperty(target, name);
      changed();
      return done;
    },
  });
}

function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}
