/**
 * Finds what must not be said: tests confide their secrets, the set-up file test/setup/leak-watch.ts hears all
 * that a test file says, and at its end the two are compared.
 */
import { randomBytes } from "node:crypto";

/** Characters that make a find: a secret of which fewer than twice as many get out may go unnoticed. */
const PIECE = 16;
/** Of a longer secret only so many characters are looked for: no leak begins in the middle of one. */
const LONGEST = 4096;
/** A piece with fewer different characters is no secret: padding, or a long value of one letter. */
const LEAST_DISTINCT = 6;
/**
 * Characters of a table's cookie, without and with an authenticator, and of the handle that it begins with, which is
 * public. Not imported: what a set-up file has loaded, a test cannot mock.
 */
const TABLE_COOKIE = 64;
const KEYED_COOKIE = 84;
const HANDLE_BYTES = 16;
const HANDLE_CHARACTERS = 22;

export interface Leak {
  /** Where it was said: `console.log`, `event sojourn:refuse`, ... */
  readonly where: string;
  /** What was said around it. */
  readonly text: string;
}

export class LeakScanner {
  readonly #secrets = new Set<string>();
  /** Text, and where it was heard first. */
  readonly #heard = new Map<string, string>();

  /** Text that must not be said: as it is, base64, base64url, hex or URL-encoded. */
  confide(secret: string): void {
    this.#secrets.add(secret.slice(0, LONGEST));
  }

  /** The value of a session cookie: all of a sealed one; of a table's all but the handle. Its bytes as well. */
  confideCookie(value: string): void {
    if (value.length < TABLE_COOKIE) return; // No cookie of ours, or one that clears.
    const isTable = value.length === TABLE_COOKIE || value.length === KEYED_COOKIE;
    this.confide(isTable ? value.slice(HANDLE_CHARACTERS) : value);
    const bytes = Buffer.from(value, "base64url");
    this.confide(bytes.toString("latin1", isTable ? HANDLE_BYTES : 0));
  }

  hear(where: string, text: string): void {
    if (!this.#heard.has(text)) this.#heard.set(text, where);
  }

  /** What was heard that was confided, before or after. */
  found(): readonly Leak[] {
    /** By each piece of what was heard, the text in which it stands. */
    const heard = new Map<string, string>();
    for (const text of this.#heard.keys()) {
      for (let at = 0; at + PIECE <= text.length; at++) heard.set(text.slice(at, at + PIECE), text);
    }
    if (heard.size === 0) return [];
    const leaks = new Map<string, Leak>();
    for (const secret of this.#secrets) {
      for (const piece of piecesOf(secret)) {
        const text = heard.get(piece);
        if (text === undefined || leaks.has(text)) continue;
        const at = text.indexOf(piece);
        const where = this.#heard.get(text) ?? "";
        leaks.set(text, { where, text: text.slice(Math.max(0, at - 80), at + 80) });
      }
    }
    return [...leaks.values()];
  }
}

/** Every text that holds a secret, in whatever encoding, holds one of its pieces. */
function piecesOf(secret: string): readonly string[] {
  const pieces: string[] = [];
  for (const text of new Set(encodingsOf(secret))) {
    for (let at = 0; at + PIECE <= text.length; at += PIECE) {
      const piece = text.slice(at, at + PIECE);
      if (new Set(piece).size >= LEAST_DISTINCT) pieces.push(piece);
    }
  }
  return pieces;
}

/** Text whose characters are all below U+0100 may be bytes, or read as Latin-1. */
function encodingsOf(secret: string): readonly string[] {
  const isBytes = /^[\0-\xff]*$/.test(secret);
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    ...encoded(Buffer.from(secret)),
    ...(isBytes && /[\x80-\xff]/.test(secret) ? encoded(Buffer.from(secret, "latin1")) : []),
  ];
}

function encoded(bytes: Buffer): readonly string[] {
  const hex = bytes.toString("hex");
  // In base64 a text looks three ways, by where in a longer one it stands, and at both ends it runs into its neighbours.
  const base64 = [0, 1, 2].flatMap((shift) => {
    const shifted = Buffer.concat([Buffer.alloc(shift), bytes]);
    return (["base64", "base64url"] as const).map((encoding) =>
      shifted
        .toString(encoding)
        .replace(/=+$/, "")
        .slice(shift === 0 ? 0 : shift + 1, -1),
    );
  });
  const url = encodeURIComponent(bytes.toString("utf8"));
  return [hex, hex.toUpperCase(), url, ...base64];
}

/** The one of this test file. */
export const leaks: LeakScanner = new LeakScanner();

/** Gives the text back. */
export function confide(secret: string): string {
  leaks.confide(secret);
  return secret;
}

/** Set-Cookie values, whose cookies may be ours. Gives them back. */
export function confideCookies<T extends readonly string[]>(setCookies: T): T {
  for (const each of setCookies) leaks.confideCookie(/^[^=]*=([^;]*)/.exec(each)?.[1] ?? "");
  return setCookies;
}

/** A value to put into a session that nothing else says. */
export function canary(): string {
  return confide(`canary-${randomBytes(24).toString("base64url")}`);
}
