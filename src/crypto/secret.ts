import { randomBytes } from "node:crypto";
import { configError } from "../core/errors.ts";
import { guessBits } from "./guessable.ts";

/** The type of a secret in the options. It allows `undefined`, so that an application can pass `process.env.X`. */
export type Secret = string | undefined | readonly [string | undefined, ...(string | undefined)[]];

const LEAST_BYTES = 32;
const LEAST_DISTINCT = 8;
/** Half of what is wanted of a key. What a generator makes of 128 random bits or more is far above it. */
const LEAST_BITS = 64;
const HOW = "make one with `npx sojourn secret` and keep it in the environment";

/** Secrets that documentations print, ours and those of other libraries, in lower case without punctuation. */
const SAMPLES = [
  "yoursecrethere",
  "keyboardcat",
  "changeme",
  "replaceme",
  "passwordatleast32characters",
  "secretwithminimumlengthof32characters",
  "averylogphrasebiggerthanthirtytwochars",
  "80d42cfb1cd2462c8f17e3237d9027e9",
  "yoursecret",
  "placeholder",
  "insecure",
  "goeshere",
  "donotuse",
  "pleaseset",
  "pleasechange",
  "abcdefghijklmnop",
  "0123456789abcdef",
];

/** Draws a good secret: 256 random bits, as base64url. */
export function newSecret(): string {
  return randomBytes(LEAST_BYTES).toString("base64url");
}

/**
 * Reads the secrets of an option. The first one seals.
 * @throws ERR_SESSION_CONFIG if a secret is missing, short, from a documentation, or can be guessed
 */
export function readSecrets(secret: Secret): readonly [string, ...string[]] {
  const given: readonly unknown[] = Array.isArray(secret) ? secret : [secret];
  const [first, ...others] = given.map((each, index) =>
    checkSecret(each, Array.isArray(secret) ? `secret[${index}]` : "secret"),
  );
  if (first === undefined) throw configError(`secret is an empty list; ${HOW}`);
  if (new Set([first, ...others]).size !== given.length) {
    throw configError("secret holds the same secret twice; the list is [newest, ...older ones]");
  }
  return [first, ...others];
}

function checkSecret(secret: unknown, name: string): string {
  if (secret === undefined) {
    throw configError(`${name} is missing (is the environment variable set?); ${HOW}`);
  }
  if (typeof secret !== "string") {
    throw configError(
      `${name} must be text, got ${secret === null ? "null" : typeof secret}; ${HOW}`,
    );
  }
  // An environment file or a shell may leave spaces or quotes around a value, on one machine and not on the next.
  if (/^[\s\uFEFF"'`]|[\s\uFEFF"'`]$/.test(secret)) {
    throw configError(`${name} begins or ends with white space or a quote; ${HOW}`);
  }
  const bytes = Buffer.byteLength(secret);
  if (bytes < LEAST_BYTES) {
    throw configError(`${name} must be ${LEAST_BYTES} bytes or more, got ${bytes}; ${HOW}`);
  }
  if (new Set(secret).size < LEAST_DISTINCT || isRepeated(secret)) {
    throw configError(`${name} repeats itself and can be guessed; ${HOW}`);
  }
  if (/^(?:[A-Z_]+=|\$\{|<.*>$)/.test(secret)) {
    throw configError(`${name} looks like a line of a template, not like a secret; ${HOW}`);
  }
  const letters = secret.toLowerCase().replace(/[^a-z0-9]/g, "");
  if (SAMPLES.some((sample) => letters.includes(sample))) {
    throw configError(`${name} is a sample from a documentation; ${HOW}`);
  }
  if (guessBits(secret, LEAST_BITS) < LEAST_BITS) {
    throw configError(
      `${name} is made of words, or of rows of the keyboard, and can be guessed; ${HOW}`,
    );
  }
  return secret;
}

/** Whether the text is a shorter text said twice or more, the last time perhaps cut off. */
function isRepeated(text: string): boolean {
  for (let period = 1; period <= text.length / 2; period++) {
    if (text.startsWith(text.slice(period))) return true;
  }
  return false;
}
