import { isPending } from "../awaitable.ts";
import { sameStored } from "./codec.ts";
import { SessionError, configError, describe } from "../errors.ts";
import type { SchemaIssue, Validated } from "./standard-schema.ts";
import type { SessionData } from "../store.ts";
import { EMPTY, copyIn, copyOut, define, isPlainObject, writePath } from "./values.ts";

/** The places that a message names at most. */
const MOST_PLACES = 3;

type Change = (value: unknown) => unknown;

/** What the session data may be, as it goes in and as it comes back. */
export interface Schema {
  /**
   * The session's own copy of a value, as it will be stored.
   * @throws ERR_SESSION_NOT_SERIALIZABLE and, when it does not fit, ERR_SESSION_SCHEMA
   */
  accept(key: string, value: unknown): unknown;
  /** An update function whose results are accepted, each time it runs. */
  acceptFrom(key: string, change: Change): Change;
  /** What a request sees of stored data; `undefined` when it does not fit. @throws ERR_SESSION_SCHEMA when `migrate` does */
  read(stored: SessionData): SessionData | undefined;
  /** The data to store in the place of `stored`. */
  keep(stored: SessionData, data: SessionData): SessionData;
  /** A message that an earlier request has left; `undefined` when it does not fit. */
  show(key: string, message: unknown): unknown;
}

/** Without the option `schema`: whatever can be stored. */
export const ANYTHING: Schema = {
  accept: (key, value) => copyIn(value, [key]),
  acceptFrom: (_, change) => change,
  read: (stored) => stored,
  keep: (_, data) => data,
  show: (_, message) => message,
};

/** One key's schema, at work. @throws ERR_SESSION_CONFIG when it turns out to be asynchronous */
export type Validate = (value: unknown) => Validated;
/** The option `migrate`. */
export type Migrate = (old: SessionData) => unknown;

/** What stored data came to. */
interface Reading {
  readonly data: SessionData;
  /** The keys that the schema does not name: those of another version of the application. */
  readonly rest: SessionData;
  /** Whether `migrate` has made the data. */
  readonly isMigrated: boolean;
}

/** With it: what the schema of each key makes of its value. */
export class DeclaredSchema implements Schema {
  readonly #validators: ReadonlyMap<string, Validate>;
  readonly #migrate: Migrate | undefined;
  /** By the stored data, which is judged once: once per request, or once per opened cookie. */
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
    if (result.issues) throw misfit(key, result.issues);
    const output = copyOf(key, given, result.value);
    // What is stored meets the schema again when it is read.
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

  keep(stored: SessionData, data: SessionData): SessionData {
    const reading = this.#open(stored);
    if (reading === "misfit") return data;
    const { rest, isMigrated } = reading;
    const kept: Record<string, unknown> = { ...rest };
    for (const [key, value] of Object.entries(data)) {
      // A key that the request did not touch stays as it is stored: another version of the application may know more
      // of its value than this schema shows.
      const isUntouched = !isMigrated && Object.hasOwn(stored, key) && value === reading.data[key];
      define(kept, key, isUntouched ? stored[key] : value);
    }
    this.#readings.set(kept, { data, rest, isMigrated: false }); // Each value of it was accepted.
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

  /** What a request sees of a stored value. @throws ERR_SESSION_CONFIG for a transform that is not yet at its end */
  #shown(key: string, stored: unknown, output: unknown): unknown {
    const value = copyOf(key, stored, output);
    const validate = this.#validators.get(key);
    if (validate && !sameStored(stored, value) && !isFixed(key, validate, value)) {
      throw notFixed(key);
    }
    return value;
  }

  /** What `migrate` makes of data that does not fit, if there is one and it knows this data. */
  #migrated(stored: SessionData, asItIs: Reading | "misfit"): Reading | "misfit" {
    if (!this.#migrate || (asItIs !== "misfit" && asItIs.rest === EMPTY)) return asItIs;
    const migrated = run(this.#migrate, stored);
    if (migrated === undefined) return asItIs;
    if (isPending(migrated)) {
      migrated.then(undefined, () => {}); // The error below says what has to be mended.
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
    // The result is all of the new data: what it leaves out is to go.
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

/** The session's own copy of what a schema made of a value: it may share a default with the schema. */
function copyOf(key: string, value: unknown, output: unknown): unknown {
  return output === value ? output : copyIn(output, [key]);
}

/** Whether a schema leaves what it gave as it is. */
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

/** Names places, and no message: a validator's message may quote the value. */
function misfit(key: string, issues: readonly SchemaIssue[]): SessionError {
  const places = new Set(issues.map(({ path }) => `"${writePath([key, ...stepsOf(path)])}"`));
  const named = [...places].slice(0, MOST_PLACES);
  const more = places.size > named.length ? ` and ${places.size - named.length} more` : "";
  return new SessionError(
    "ERR_SESSION_SCHEMA",
    `session value ${named.join(", ")}${more} does not fit the schema of "${key}"; nothing of it is kept`,
  );
}

function stepsOf(path: SchemaIssue["path"]): (string | number)[] {
  return [...(path ?? [])].map((step) => {
    const name = typeof step === "object" ? step.key : step;
    return typeof name === "number" || typeof name === "string" ? name : "(key)";
  });
}
