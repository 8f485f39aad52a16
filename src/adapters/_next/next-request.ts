import type { AnySessions, HostOptions, OpenSession, SessionOf } from "../../core/types.ts";
import { cookieNameOf } from "../adapter.ts";
import type { ReadonlySessionOf, SessionAnswer } from "../adapter.ts";
import { nextHeaders } from "./modules.ts";
import type { NextJar } from "./modules.ts";

type OnStoreError = Pick<HostOptions, "onStoreError">;

/** A session that an action or a route handler writes. */
export interface Writing<S extends AnySessions> {
  readonly session: SessionOf<S>;
  readonly jar: NextJar;
  /** Commits, and puts the cookie into the jar. An action within an action leaves that to the outer one. */
  commit(): Promise<SessionAnswer | undefined>;
}

/** The sessions of the requests of Next. Everything in one request has the same jar, so that the jar names the request. */
export class NextRequests<S extends AnySessions> {
  readonly #sessions: S;
  readonly #options: OnStoreError;
  readonly #cookieName: string;
  readonly #read = new WeakMap<NextJar, Promise<ReadonlySessionOf<S>>>();
  readonly #writing = new WeakMap<NextJar, Writing<S>>();

  constructor(sessions: S, options: OnStoreError) {
    this.#sessions = sessions;
    this.#options = options;
    this.#cookieName = cookieNameOf(sessions);
  }

  /** Gives the session to read: one read of the store per request, however many components ask. */
  async read(): Promise<ReadonlySessionOf<S>> {
    const { cookies } = await nextHeaders();
    const jar = await cookies();
    const found = this.#read.get(jar);
    if (found) return found;
    const reading = this.#readAnew(jar);
    this.#read.set(jar, reading);
    return reading;
  }

  async #readAnew(jar: NextJar): Promise<ReadonlySessionOf<S>> {
    const source = await this.#sourceOf(jar);
    const options = { ...this.#options, activity: true };
    return (await this.#sessions.read(source, options)) as unknown as ReadonlySessionOf<S>;
  }

  /** Gives the session to write. @param gone whether the client has gone */
  async write(gone?: () => boolean): Promise<Writing<S>> {
    const { cookies } = await nextHeaders();
    const jar = await cookies();
    const outer = this.#writing.get(jar);
    if (outer) return { ...outer, commit: async () => undefined };
    const source = await this.#sourceOf(jar);
    const opened: OpenSession = await this.#sessions.open(source, { ...this.#options, gone });
    const session = opened.session as SessionOf<S>;
    const writing: Writing<S> = {
      session,
      jar,
      commit: async () => {
        this.#writing.delete(jar);
        const answer = await opened.commit();
        const { cookie } = answer;
        if (cookie) jar.set(cookie.name, cookie.value, cookie.options);
        return answer;
      },
    };
    this.#writing.set(jar, writing);
    // What is read below the action is what the action has written.
    this.#read.set(jar, Promise.resolve(session as unknown as ReadonlySessionOf<S>));
    return writing;
  }

  /**
   * Only the header knows a cookie that came twice. Only the jar knows what this request has changed: in a page that is
   * rendered after an action, the header still has the cookie of before.
   */
  async #sourceOf(jar: NextJar): Promise<NextJar | Headers> {
    const { headers } = await nextHeaders();
    const given = await headers();
    const cookie = given.get("cookie") ?? "";
    const value = jar.get(this.#cookieName)?.value;
    const isUnchanged =
      value === undefined
        ? !cookie.includes(`${this.#cookieName}=`)
        : cookie.includes(`${this.#cookieName}=${value}`);
    return isUnchanged ? given : jar;
  }
}

/** Errors with which Next answers: a redirect, not found, forbidden. */
export function isAnswerOfNext(error: unknown): boolean {
  const { digest } = (error ?? {}) as { readonly digest?: unknown };
  return typeof digest === "string" && digest.startsWith("NEXT_");
}
