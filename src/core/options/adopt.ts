import { configError, describe, refuseUnknownOptions } from "../errors.ts";
import type { Frozen } from "../data/frozen.ts";
import type { SessionReader } from "../cookie/old-session.ts";
import type { AdoptContext, SessionData } from "../store.ts";
import { warnOnce } from "../warn.ts";

/** The option `adopt`: the sessions of another library go on as ours. */
export interface AdoptOptions<Data extends object = Record<string, unknown>> {
  /**
   * Derives the session's handle and token from an old cookie, so that requests that arrive together share one session.
   * Keep it the same until `until`. Make one with `npx sojourn secret`.
   */
  readonly secret: string | undefined;
  /** When old cookies stop to count. Ends of adopted sessions are remembered until then. */
  readonly until: Date;
  /** The readers of `sojourn/adopt`, in the order in which they are asked. */
  readonly from: readonly SessionReader[];
  /** Makes our data of the old data. It must be pure. Default: all keys as they are. */
  readonly map?:
    // `any`: the shape of the old data is the application's own.
    // oxlint-disable-next-line typescript/no-explicit-any
    ((old: any) => Frozen<Partial<Data>> | undefined) | undefined;
}

/** The option `adopt` after it was checked. */
export interface AdoptSettings extends AdoptContext {
  readonly from: readonly SessionReader[];
  readonly map: (old: SessionData) => unknown;
}

const OTHERS: Readonly<Record<string, string>> = {
  secrets: "secret: one text, the same until the end",
  reader: "from: a list of readers",
  readers: "from: a list of readers",
  expires: "until: a Date",
};

/**
 * Reads the option `adopt`. Gives `undefined` if it is over.
 * @throws ERR_SESSION_CONFIG if it cannot work
 */
export function readAdopt(
  given: unknown,
  cookieName: string,
  now: () => number,
): AdoptSettings | undefined {
  if (given === undefined) return undefined;
  if (typeof given !== "object" || given === null) {
    throw configError(`adopt must be { secret, until, from, map }, got ${describe(given)}`);
  }
  const { secret, until, from, map, ...others } = given as Partial<Record<string, unknown>>;
  refuseUnknownOptions("adopt", others, ["secret", "until", "from", "map"], OTHERS);
  if (typeof secret !== "string") {
    throw configError(
      `adopt.secret must be one text (is the environment variable set?), got ${describeSecret(secret)}; make one with ` +
        "`npx sojourn secret`",
    );
  }
  const end = until instanceof Date ? until.getTime() : NaN;
  if (Number.isNaN(end)) {
    throw configError(
      `adopt.until must be a valid Date, for example new Date("2027-02-01"), got ${describe(until)}`,
    );
  }
  if (map !== undefined && typeof map !== "function") {
    throw configError(
      `adopt.map must be a function from the old data to ours, got ${describe(map)}`,
    );
  }
  const readers = readReaders(from, cookieName);
  if (end <= now()) {
    warnOnce(
      "SOJOURN_ADOPT_OVER",
      `adopt.until of the session "${cookieName}" has passed: old cookies open nothing any more; take the option adopt out`,
    );
    return undefined;
  }
  const mapping = (map ?? ((old: SessionData) => old)) as AdoptSettings["map"];
  return Object.freeze({ secret, until: end, from: readers, map: mapping });
}

function describeSecret(secret: unknown): string {
  return secret === undefined ? "undefined" : Array.isArray(secret) ? "a list" : typeof secret;
}

function readReaders(from: unknown, cookieName: string): readonly SessionReader[] {
  const readers: readonly unknown[] = Array.isArray(from) ? from : [];
  if (readers.length === 0 || !readers.every(isReader)) {
    throw configError(
      'adopt.from must be a list of readers of "sojourn/adopt", for example [expressSession({ secret, store })]',
    );
  }
  const same = readers.find((reader) => reader.owns(cookieName));
  if (!same) return readers;
  throw configError(
    `adopt.from: the cookie of ${same.library} is called "${cookieName}" as well; give key another name, such as ` +
      '"__Host-session"',
  );
}

function isReader(value: unknown): value is SessionReader {
  if (typeof value !== "object" || value === null) return false;
  const { library, owns, read } = value as Partial<SessionReader>;
  return typeof library === "string" && typeof owns === "function" && typeof read === "function";
}
