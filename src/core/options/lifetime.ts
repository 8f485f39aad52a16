import { configError, describe, refuseUnknownOptions } from "../errors.ts";
import { readNumber } from "../numbers.ts";
import type { Lifetime, NistLevel } from "./session-options.ts";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A hundred years, in seconds. An application that gives more has meant milliseconds. */
const MOST = 100 * 365 * DAY;

const DEFAULT = {
  idle: DAY,
  absolute: 30 * DAY,
  longest: undefined,
  renewEvery: undefined,
  endUnpresented: false,
} as const;

/** The longest lifetimes that each level of NIST SP 800-63B-4 allows or recommends (2.1.3, 2.2.3 and 2.3.3). */
const NIST: Readonly<Record<NistLevel, Lifetime>> = {
  AAL1: { idle: 30 * DAY, absolute: 30 * DAY },
  AAL2: { idle: HOUR, absolute: DAY },
  AAL3: { idle: 15 * MINUTE, absolute: 12 * HOUR },
};

/** All durations of the options, in milliseconds. */
export interface Durations {
  readonly idle: number;
  readonly absolute: number;
  /** The longest that a request may let its session live. */
  readonly longest: number;
  readonly renewEvery: number | undefined;
  readonly renewGrace: number;
  readonly endUnpresented: boolean;
}

/** The default of `renewGrace`, in seconds. */
const DEFAULT_RENEW_GRACE = 10;
/** The shortest `renewGrace` beside `renewEvery`, in milliseconds. */
const LEAST_RENEW_GRACE = 1000;

/**
 * Reads the durations of the options, and fills the defaults in.
 * @throws ERR_SESSION_CONFIG if a value is no duration, or would never take effect
 */
export function readDurations(
  given: Lifetime | NistLevel | undefined,
  grace: number | undefined,
): Durations {
  const lifetime = readLifetime(given);
  const idle = seconds("lifetime.idle", lifetime.idle, DEFAULT.idle);
  const absolute = seconds("lifetime.absolute", lifetime.absolute, DEFAULT.absolute);
  const longest = seconds("lifetime.longest", lifetime.longest, absolute / 1000);
  const renewGrace = seconds("renewGrace", grace, DEFAULT_RENEW_GRACE, 0);
  if (lifetime.idle !== undefined && idle > absolute) {
    throw configError(
      `lifetime.idle (${idle / 1000} seconds) would never end a session: lifetime.absolute is ${absolute / 1000}; ` +
        "give a longer absolute, or seconds where these are milliseconds",
    );
  }
  if (longest < absolute) {
    throw configError(
      `lifetime.longest (${longest / 1000} seconds) is what one session may live at most: give lifetime.absolute ` +
        `(${absolute / 1000}) or more`,
    );
  }
  const endUnpresented = readFlag(lifetime.endUnpresented);
  if (lifetime.renewEvery === undefined) {
    if (endUnpresented) {
      throw configError(
        "lifetime.endUnpresented ends a session whose next tokens nobody presents: give lifetime.renewEvery, " +
          "which issues them",
      );
    }
    return { idle, absolute, longest, renewGrace, renewEvery: undefined, endUnpresented };
  }
  const renewEvery = seconds("lifetime.renewEvery", lifetime.renewEvery, 0);
  if (renewEvery <= renewGrace || renewEvery >= absolute) {
    throw configError(
      `lifetime.renewEvery must lie between renewGrace (${renewGrace / 1000} seconds) and ` +
        `lifetime.absolute (${absolute / 1000}), got ${renewEvery / 1000}`,
    );
  }
  if (renewGrace < LEAST_RENEW_GRACE) {
    throw configError(
      "lifetime.renewEvery needs a renewGrace of 1 second or more: requests that are on their way when the next " +
        `token arrives would be signed out; got ${renewGrace / 1000}`,
    );
  }
  return { idle, absolute, longest, renewGrace, renewEvery, endUnpresented };
}

function readFlag(given: unknown): boolean {
  if (given === undefined || typeof given === "boolean") return given ?? DEFAULT.endUnpresented;
  throw configError(`lifetime.endUnpresented must be true or false, got ${describe(given)}`);
}

function readLifetime(lifetime: Lifetime | NistLevel = {}): Lifetime {
  if (typeof lifetime === "string" && Object.hasOwn(NIST, lifetime)) return NIST[lifetime];
  if (typeof lifetime !== "object" || lifetime === null) {
    throw configError(
      `lifetime must be { idle, absolute, renewEvery } in seconds, or ${Object.keys(NIST).join(", ")}; ` +
        `got ${describe(lifetime)}`,
    );
  }
  refuseUnknownOptions("lifetime", lifetime, Object.keys(DEFAULT));
  return lifetime;
}

/** Reads a duration of the options, which is in seconds, and gives it in milliseconds. */
function seconds(name: string, given: unknown, fallback: number, least = 1): number {
  return readNumber(name, given, { fallback, least, most: MOST, unit: "seconds" }) * 1000;
}
