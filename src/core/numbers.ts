import { configError, describe } from "./errors.ts";
import type { SessionError } from "./errors.ts";

/** The range of a number in the options. */
interface Range {
  readonly fallback: number;
  readonly least: number;
  readonly most?: number;
  /** Whether `least` itself is too little. */
  readonly above?: boolean;
  readonly whole?: boolean;
  /** The word for what the number counts: "seconds", "rows". */
  readonly unit: string;
  /** Makes the error, where the number is not one of the options. */
  readonly fail?: (message: string) => SessionError;
}

/**
 * Reads a number of the options, or gives its default.
 * @throws ERR_SESSION_CONFIG, or what `fail` makes, if the value is no number or lies outside of the range
 */
export function readNumber(name: string, given: unknown, range: Range): number {
  const {
    fallback,
    least,
    most = Infinity,
    above = false,
    whole = false,
    unit,
    fail = configError,
  } = range;
  if (given === undefined) return fallback;
  const fits =
    typeof given === "number" &&
    (above ? given > least : given >= least) &&
    given <= most &&
    (!whole || Number.isInteger(given));
  if (fits) return given;
  const from = above ? `above ${least}` : `from ${least}`;
  const to = most === Infinity ? "upwards" : `to ${most}`;
  throw fail(`${name} must be a number of ${unit} ${from} ${to}, got ${describe(given)}`);
}
