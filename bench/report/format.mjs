// Numbers as text.

/** @param {number} value */
export const whole = (value) => Math.round(value).toLocaleString("en");

/**
 * @param {number | undefined | null} value JSON has made null of what is no number
 * @param {number} [digits]
 */
export const decimal = (value, digits = 1) => value?.toFixed(digits) ?? "-";

/** @param {number} share */
export const percent = (share) => `${(share * 100).toFixed(0)} %`;

/**
 * A share that may be small: with one digit behind the point.
 * @param {number} share
 */
export const fine = (share) => `${(share * 100).toFixed(1)} %`;

/**
 * How many times more. A cost of nothing, or less, is one that the noise hides.
 * @param {number} ratio
 */
export const times = (ratio) =>
  Number.isFinite(ratio) && ratio > 0 ? `${ratio.toFixed(ratio < 10 ? 2 : 0)}x` : "noise";

/** @param {number} nanoseconds */
export function duration(nanoseconds) {
  if (nanoseconds < 1e3) return `${nanoseconds.toFixed(0)} ns`;
  if (nanoseconds < 1e6) return `${(nanoseconds / 1e3).toFixed(nanoseconds < 1e5 ? 2 : 0)} µs`;
  return `${(nanoseconds / 1e6).toFixed(2)} ms`;
}
