import { isPending } from "../awaitable.ts";
import { sameStored } from "./codec.ts";
import { SessionError, configError, describe } from "../errors.ts";
import type { SchemaIssue, Validated } from "./standard-schema.ts";
import type { SessionData } from "../store.ts";
import { EMPTY, copyIn, copyOut, define, isPlainObject, own, writePath } from "./values.ts";

/** The most places that a message names. */
const MOST_PLACES = 3;

type Change = (value: unknown) => unknown;

/** The checks of session data on its way in and on its way out. */
export interface Schema {
  /**
   * Gives the session's own copy of a value, as it will be stored.
   * @throws ERR_SESSION_NOT_SERIALIZABLE, or ERR_SESSION_SCHEMA if the value does not fit
   */
  accept(key: string, value: unknown): unknown;
  /** Wraps an update function, so that each of its results goes through {@link accept}. */
  acceptFrom(key: string, change: Change): Change;
  /**
   * Gives stored data as a request sees it; `undefined` if it does not fit.
   * @throws ERR_SESSION_SCHEMA if `migrate` throws
   */
  read(stored: SessionData): SessionData | undefined;
  /**
   * Gives the data to store in the place of `stored`.
   * @param alone whether the keys that the schema does not name end as well
   */
  keep(stored: SessionData, data: SessionData, alone?: boolean): SessionData;
  /** Gives a message that an earlier request has left; `undefined` if it does not fit. */
  show(key: string, message: unknown): unknown;
}

/** The checks without the option `schema`: every value that can be stored is accepted. */
export const ANYTHING: Schema = {
  accept: (key, value) => copyIn(value, [key]),
  acceptFrom: (_, change) => change,
  read: (stored) => stored,
  keep: (_, data) => data,
  show: (_, message) => message,
};

/** Checks a value by the schema of one key. @throws ERR_SESSION_CONFIG if the schema turns out to be asynchronous */
export type Validate = (value: unknown) => Validated;
/** The option `migrate`. */
export type Migrate = (old: SessionData) => unknown;

/** Stored data after the check. */
interface Reading {
  readonly data: SessionData;
  /** The keys that the schema does not name: those of another version of the application. */
  readonly rest: SessionData;
  /** Whether `migrate` has made the data. */
  readonly isMigrated: boolean;
}

/** The checks with the option `schema`: each value becomes the output of its key's schema. */
export class DeclaredSchema implements Schema {
  readonly #validators: ReadonlyMap<string, Validate>;
  readonly #migrate: Migrate | undefined;
  /** The result for each stored data object, which is checked once: once per request, or once per opened cookie. */
  readonly #readings = new WeakMap<SessionData, Reading | "misfit">();

  constructor(validators: ReadonlyMap<string, Validate>, migrate: Migrate | undefined) {
    this.#validators = validators;
    this.#migrate = migrate;
  }

  accept(key: string, value: unknown): unknown {
    const validate = this.#validators.get(key);
    if (!validate) {
      const known = [...this.#validators.keys()].join(", ");
      throw new SessionError(
        "ERR_SESSION_SCHEMA",
        `the session's schema does not name "${writePath([key])}"; it names ${known}`,
      );
    }
    const given = copyIn(value, [key]);
    const result = validate(given);
    if (result.issues) throw misfit(key, given, result.issues);
    const output = copyOf(key, given, result.value);
    // The schema will check the stored value again at each read, and must give the same then.
    if (!sameStored(given, output) && !isFixed(key, validate, output)) {
      throw notFixed(key);
    }
    return output;
  }

  acceptFrom(key: string, change: Change): Change {
    return (value) => {
      const next = change(value);
      return next === undefined ? undefined : this.accept(key, next);
    };
  }

  read(stored: SessionData): SessionData | undefined {
    const reading = this.#open(stored);
    return reading === "misfit" ? undefined : reading.data;
  }

  keep(stored: SessionData, data: SessionData, alone = false): SessionData {
    const reading = this.#open(stored);
    if (reading === "misfit") return data;
    const { isMigrated } = reading;
    const rest = alone ? EMPTY : reading.rest;
    const kept: Record<string, unknown> = { ...rest };
    for (const [key, value] of Object.entries(data)) {
      // A key that the request did not touch stays as it is stored: another version of the application may know more
      // of its value than this schema shows.
      const isUntouched = !isMigrated && Object.hasOwn(stored, key) && value === reading.data[key];
      define(kept, key, isUntouched ? stored[key] : value);
    }
    this.#readings.set(kept, { data, rest, isMigrated: false }); // The schema has accepted each value in it.
    return kept;
  }

  show(key: string, message: unknown): unknown {
    if (message === undefined) return undefined;
    const result = this.#validators.get(key)?.(message);
    return !result || result.issues ? undefined : copyOf(key, message, result.value);
  }

  #open(stored: SessionData): Reading | "misfit" {
    let reading = this.#readings.get(stored);
    if (!reading) {
      reading = this.#migrated(stored, this.#judge(stored));
      this.#readings.set(stored, reading);
    }
    return reading;
  }

  #judge(stored: SessionData): Reading | "misfit" {
    const data: Record<string, unknown> = {};
    let rest: Record<string, unknown> | undefined;
    for (const [key, value] of Object.entries(stored)) {
      if (value === undefined) continue;
      const result = this.#validators.get(key)?.(value);
      if (!result) define((rest ??= {}), key, value);
      else if (result.issues) return "misfit";
      else if (result.value !== undefined) define(data, key, this.#shown(key, value, result.value));
    }
    return { data, rest: rest ?? EMPTY, isMigrated: false };
  }

  /**
   * Gives a stored value as a request sees it.
   * @throws ERR_SESSION_CONFIG if the transform would change its own output
   */
  #shown(key: string, stored: unknown, output: unknown): unknown {
    const value = copyOf(key, stored, output);
    const validate = this.#validators.get(key);
    if (validate && !sameStored(stored, value) && !isFixed(key, validate, value)) {
      throw notFixed(key);
    }
    return value;
  }

  /** Gives the result of `migrate` for data that does not fit, if there is a `migrate` and it knows this data. */
  #migrated(stored: SessionData, asItIs: Reading | "misfit"): Reading | "misfit" {
    if (!this.#migrate || (asItIs !== "misfit" && asItIs.rest === EMPTY)) return asItIs;
    const migrated = run(this.#migrate, stored);
    if (migrated === undefined) return asItIs;
    if (isPending(migrated)) {
      migrated.then(undefined, () => {}); // The error below replaces this rejection.
      throw configError("migrate gave a promise; it must be synchronous, as reading a session is");
    }
    if (typeof migrated !== "object" || migrated === null || !isPlainObject(migrated)) {
      throw configError(
        `migrate must give the new data, or undefined for data that it does not know; it gave ${describe(
          migrated,
        )}`,
      );
    }
    const copy: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(migrated)) {
      if (value !== undefined) define(copy, key, copyIn(value, [key]));
    }
    const result = this.#judge(copy);
    // The result is all of the new data, so that a key that it leaves out is removed.
    return result === "misfit" ? result : { data: result.data, rest: EMPTY, isMigrated: true };
  }
}

function run(migrate: Migrate, stored: SessionData): unknown {
  try {
    return migrate(copyOut({ ...stored }) as SessionData);
  } catch (cause) {
    throw new SessionError(
      "ERR_SESSION_SCHEMA",
      "migrate threw; the stored session was left as it is",
      { cause },
    );
  }
}

/** Copies the output of a schema, which may share a default value with the schema. */
function copyOf(key: string, value: unknown, output: unknown): unknown {
  return output === value ? output : copyIn(output, [key]);
}

/** Whether a schema leaves its own output as it is. */
function isFixed(key: string, validate: Validate, output: unknown): boolean {
  const again = validate(output);
  return !again.issues && sameStored(output, copyOf(key, output, again.value));
}

function notFixed(key: string): SessionError {
  return configError(
    `the output of schema.${key} does not pass schema.${key} again; stored values are checked at every read: ` +
      "transform before put",
  );
}

/** Makes an error that names the places only, because a validator's message may quote the value. */
function misfit(key: string, value: unknown, issues: readonly SchemaIssue[]): SessionError {
  const places = new Set(
    issues.map(({ path }) => `"${writePath([key, ...stepsOf(value, path)])}"`),
  );
  const named = [...places].slice(0, MOST_PLACES);
  const more = places.size > named.length ? ` and ${places.size - named.length} more` : "";
  return new SessionError(
    "ERR_SESSION_SCHEMA",
    `session value ${named.join(", ")}${more} does not fit the schema of "${key}"; nothing of it is kept`,
  );
}

/** Only the names of properties may stand in a message: the keys of a Map and the elements of a Set are data. */
function stepsOf(value: unknown, path: SchemaIssue["path"]): (string | number)[] {
  let inside = value;
  return [...(path ?? [])].map((step) => {
    const key = typeof step === "object" ? step.key : step;
    const isData = inside instanceof Map || inside instanceof Set;
    inside = stepInto(inside, key);
    return !isData && (typeof key === "number" || typeof key === "string") ? key : "(key)";
  });
}

/** What stands at a step of a path. Nobody knows which element of a Set a path means, and the Set is given again. */
function stepInto(inside: unknown, key: PropertyKey): unknown {
  if (inside instanceof Map) return inside.get(key);
  if (inside instanceof Set) return inside;
  return typeof inside === "object" && inside !== null
    ? own(inside as SessionData, String(key))
    : undefined;
}
