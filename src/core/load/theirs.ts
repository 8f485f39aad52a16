import { andThen, inTime, isPending } from "../awaitable.ts";
import type { Awaitable } from "../awaitable.ts";
import { readAllCookies } from "../cookie/read-cookies.ts";
import { FORGET } from "../cookie/set-cookie.ts";
import type { SentCookie } from "../cookie/set-cookie.ts";
import { EMPTY, copyIn, define } from "../data/values.ts";
import { SessionError } from "../errors.ts";
import { publish } from "../events.ts";
import type { OldCookies, OldData, OldSession, SessionReader } from "../cookie/old-session.ts";
import type { AdoptSettings } from "../options/adopt.ts";
import type { ResolvedOptions } from "../options/read-options.ts";
import type { Adopted, ChangedRecord } from "../store.ts";
import { newPublicId } from "../subject/public-id.ts";
import type { Share } from "./share.ts";

/** Milliseconds for the stores of other libraries, if our own store answers at once and sets no time. */
const TIMEOUT = 2000;

/** The session of another library that the request's cookies name. */
export interface Named {
  /** `undefined` if two sessions with the same data have the same cookie. */
  readonly unique: string | undefined;
  readonly session: OldSession;
}

/** The cookies of other libraries that a request has brought. */
export class Theirs {
  readonly #options: ResolvedOptions;
  /** The values of each name. */
  readonly #cookies: ReadonlyMap<string, readonly string[]>;
  /** The readers of those cookies. */
  readonly #readers: readonly SessionReader[];

  private constructor(
    options: ResolvedOptions,
    cookies: ReadonlyMap<string, readonly string[]>,
    readers: readonly SessionReader[],
  ) {
    this.#options = options;
    this.#cookies = cookies;
    this.#readers = readers;
  }

  /** Gives `undefined` if the request has none, or if they do not count any more. */
  static of(
    options: ResolvedOptions,
    adopt: AdoptSettings,
    header: string | null | undefined,
  ): Theirs | undefined {
    if (!header || options.now() >= adopt.until) return undefined;
    const cookies = readAllCookies(header);
    const names = [...cookies.keys()];
    const readers = adopt.from.filter((reader) => names.some((name) => reader.owns(name)));
    return readers.length === 0 ? undefined : new Theirs(options, cookies, readers);
  }

  /** The cookies that make the browser forget them. */
  get cleared(): readonly SentCookie[] {
    const { cookie } = this.#options;
    return this.#readers.flatMap((reader) => {
      const { path = "/", domain, partitioned = false } = reader.place ?? {};
      const secure = cookie.secure || partitioned;
      const settings = { ...cookie, path, domain, partitioned, secure };
      return [...this.#cookies.keys()]
        .filter((name) => reader.owns(name))
        .map((name) => ({ name, value: "", settings, end: FORGET }));
    });
  }

  /**
   * Reads every session that they name, one with each call: a browser may have cookies of several libraries, and several
   * cookies of one name from several paths. If a session has several cookies, as one with a signature of its own, the
   * values are taken from the first one on and from the last one back: one name may have a value that has no partner.
   */
  get all(): readonly (() => Awaitable<Named | undefined>)[] {
    return this.#readers.flatMap((reader) => {
      const counts = [...this.#cookies].map(([name, { length }]) =>
        reader.owns(name) ? length : 0,
      );
      const most = Math.max(...counts);
      const places = Array.from({ length: most }, (_, at) => (most === 1 ? [0] : [at, at - most]));
      return places.flat().map((at) => () => this.#ask(reader, at));
    });
  }

  /** Makes a session of ours of it. Gives `undefined` for nobody. */
  adopt(share: Share | undefined): Awaitable<Adopted | undefined> {
    share?.begin();
    const adopting = andThen(this.#read(0), (named) => named && this.#adopt(named, share));
    if (share) return share.bound(adopting);
    return isPending(adopting) ? inTime(TIMEOUT, adopting, { late: tooLate }) : adopting;
  }

  /** Reads the session that they name. A reader that comes earlier in the option counts, if its cookie is genuine. */
  #read(index: number): Awaitable<Named | undefined> {
    const reader = this.#readers[index];
    if (!reader) return undefined;
    return andThen(this.#ask(reader, 0), (named) => named ?? this.#read(index + 1));
  }

  /** Asks a reader about one value of each name. A place below 0 counts from the last value. */
  #ask(reader: SessionReader, at: number): Awaitable<Named | undefined> {
    const cookies: OldCookies = new Map(
      [...this.#cookies].map(([name, values]) => [
        name,
        values.at(at) ?? values.at(at < 0 ? 0 : -1) ?? "",
      ]),
    );
    return andThen(reader.read(cookies, this.#options.now()), (session) => {
      if (!session) return undefined;
      const { unique } = session;
      return { session, unique: unique && `${reader.library}\0${unique}` };
    });
  }

  #adopt({ unique, session }: Named, share: Share | undefined): Awaitable<Adopted | undefined> {
    const { backend, cookieName, now } = this.#options;
    let hasEnded = false;
    const adopting = backend.adopt?.(
      {
        unique,
        make: () =>
          andThen(session.load(), (old) => {
            const record = old && recordOf(this.#options, old);
            hasEnded = record === undefined;
            return record;
          }),
        end: () => session.end?.(),
      },
      share,
    );
    return andThen(adopting, (adopted) => {
      const opened = adopted?.found.open(now());
      const isOpen = opened !== undefined && !("refused" in opened);
      if (isOpen) {
        publish("adopt", cookieName, opened.handle, adopted?.isNew ? "new" : "same");
        return adopted;
      }
      // Nothing is told of what had ended before we came.
      if (!hasEnded) publish("adopt", cookieName, opened?.handle, "over");
      return undefined;
    });
  }
}

/** Our record of an old session; `undefined` if there is nothing to keep, or if it does not fit the schema. */
function recordOf(
  options: ResolvedOptions,
  { data, since = 0 }: OldData,
): ChangedRecord | undefined {
  const { adopt, schema, subjectOf, cookieName, now, idleDeadline } = options;
  const mapped = copyOf(cookieName, adopt?.map(data));
  if (!mapped || Object.keys(mapped).length === 0) return undefined;
  const fitting = schema.read(mapped);
  if (!fitting) {
    publish("refuse", cookieName, undefined, "schema");
    return undefined;
  }
  return {
    id: newPublicId(),
    data: mapped,
    flash: {},
    sentAttributes: {},
    createdAt: Math.floor(now()),
    expiresAt: idleDeadline(undefined),
    // Not now: a revocation of before must end whatever was signed in before it.
    subjectSince: since,
    subject: subjectOf(fitting),
  };
}

/** Our copy; `undefined` if no store of ours can keep it. Each request would fail by it as long as the browser has the cookie. */
function copyOf(cookieName: string, mapped: unknown): Record<string, unknown> | undefined {
  const copy: Record<string, unknown> = {};
  try {
    for (const [key, value] of Object.entries(mapped ?? EMPTY)) {
      if (value !== undefined) define(copy, key, copyIn(value, [key]));
    }
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    publish("refuse", cookieName, undefined, "malformed");
    return undefined;
  }
  return copy;
}

function tooLate(): SessionError {
  return new SessionError(
    "ERR_SESSION_STORE",
    `the store of an old session did not answer within ${TIMEOUT / 1000} seconds`,
  );
}
