/** The cookies that a commit gives to its answer. */
import { areSameOptions, formerCookies, sentSettings } from "../cookie/attributes.ts";
import type { CookiePlace } from "../cookie/attributes.ts";
import type { CommitResult } from "../cookie/response-headers.ts";
import { tellInsecureTransport } from "../cookie/insecure-transport.ts";
import { FORGET, writeAttributes, writeCookie } from "../cookie/set-cookie.ts";
import type { CookieEnd } from "../cookie/set-cookie.ts";
import { isWeakCookie, tellWeakName } from "../cookie/weak-name.ts";
import { publish } from "../events.ts";
import type { Theirs } from "../load/theirs.ts";
import type { ResolvedOptions } from "../options/read-options.ts";
import type { SessionRecord, StoredSession } from "../store.ts";
import type { CookieSettings } from "../types.ts";
import type { Client } from "./client.ts";

/** The attributes that hold now, and the same as they stand in a Set-Cookie header. */
interface Current {
  readonly settings: CookieSettings;
  readonly attributes: string;
}

/** @param own those that were configured for the session */
export function currentSettings(
  { cookie, attributes }: ResolvedOptions,
  own: Partial<CookieSettings> | undefined,
): Current {
  if (!own || Object.keys(own).length === 0) return { settings: cookie, attributes };
  const settings = { ...cookie, ...own };
  return { settings, attributes: writeAttributes(settings) };
}

/** Whether the cookie of a session was last sent with other options than those of this deployment. */
export function hasFormerOptions(options: ResolvedOptions, { record }: StoredSession): boolean {
  return !areSameOptions(record.sentOptions, options.sentOptions);
}

/** Whether a session's cookie was last sent with other attributes than those that hold now. */
export function isSentAnew(
  options: ResolvedOptions,
  before: SessionRecord,
  { settings }: Current,
): boolean {
  // Mostly nothing was configured for the session, and no set of attributes need be made.
  const hasOwn = settings !== options.cookie || Object.keys(before.sentAttributes).length > 0;
  const [sent, now] = hasOwn
    ? [sentSettings(before), settings]
    : [before.sentOptions, options.sentOptions];
  return !areSameOptions(sent, now);
}

/** What becomes of the answer's cookies. */
export interface Sending {
  readonly options: ResolvedOptions;
  readonly host: Client;
  /** The session whose cookie it is. */
  readonly handle: string | undefined;
  /** The sessions whose cookies the browser has: their places are known. */
  readonly had: readonly StoredSession[];
  /** The cookies of other libraries, which the browser shall forget; `undefined` if there are none. */
  readonly theirs: Theirs | undefined;
}

/** Gives a session's cookie to the answer, if one can leave. */
export function sendCookie(
  sending: Sending,
  value: string,
  { settings, attributes }: Current,
  end: CookieEnd | undefined,
): CommitResult {
  const { options, host, handle, had, theirs } = sending;
  const { cookieName } = options;
  if (settings.secure && value !== "") notice(sending, settings);
  if (host.isGone()) {
    publish("drop-cookie", cookieName, handle, "no-answer");
    return { setCookie: undefined };
  }
  const cookie = { name: cookieName, value, settings, end };
  const others = formerCookies(cookieName, settings, placesOf(options, settings, had));
  const former = theirs ? [...others, ...theirs.cleared] : others;
  return { setCookie: writeCookie(cookie, attributes), cookie, former };
}

/** Where the browser has cookies of the session. Mostly the only one has the attributes that hold now. */
function placesOf(
  options: ResolvedOptions,
  settings: CookieSettings,
  had: readonly StoredSession[],
): readonly CookiePlace[] {
  const isHere = ({ record }: StoredSession): boolean =>
    settings === options.cookie &&
    Object.keys(record.sentAttributes).length === 0 &&
    areSameOptions(record.sentOptions, options.sentOptions);
  if (had.every(isHere)) return options.formerly;
  return [...options.formerly, ...had.map(({ record }) => sentSettings(record))];
}

/** Gives the answer a cookie that makes the browser forget the session's. */
export function clearCookie(sending: Sending, current: Current): CommitResult {
  return sendCookie(sending, "", current, FORGET);
}

const toldInsecure = new WeakSet<ResolvedOptions>();
const toldWeak = new WeakSet<ResolvedOptions>();

/** Once per process and cookie, so that the developer hears of it: what the browser may drop, and what is weak. */
function notice({ options, host, handle }: Sending, settings: CookieSettings): void {
  if (!toldInsecure.has(options) && host.isInsecure()) {
    toldInsecure.add(options);
    tellInsecureTransport(options.cookieName, handle);
  }
  if (options.isWeakName && !toldWeak.has(options) && isWeakCookie(settings)) {
    toldWeak.add(options);
    tellWeakName(options.cookieName, handle);
  }
}
