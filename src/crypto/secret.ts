import { randomBytes } from "node:crypto";
import { configError } from "../core/errors.ts";

/** What a secret may be in the options. `undefined` fits, so that `process.env.X` can stand there as it is. */
export type Secret = string | undefined | readonly [string | undefined, ...(string | undefined)[]];

const LEAST_BYTES = 32;
const LEAST_DISTINCT = 8;
const HOW = "make one with `npx sojourn secret` and keep it in the environment";

/** What documentations print as a secret, ours and others', in lower case without punctuation. */
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

/** A good secret: 256 random bits, base64url. */
export function newSecret(): string {
  return randomBytes(LEAST_BYTES).toString("base64url");
}

/**
 * The secrets of an option, the first of which seals.
 * @throws ERR_SESSION_CONFIG for one that is missing, short, repetitive, or from a documentation
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
  // What an environment file or a shell leaves around a value is another secret on the next machine.
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
  return secret;
}

/** Whether the text is a shorter text said twice or more, the last time perhaps cut off. */
function isRepeated(text: string): boolean {
  for (let period = 1; period <= text.length / 2; period++) {
    if (text.startsWith(text.slice(period))) return true;
  }
  return false;
}
