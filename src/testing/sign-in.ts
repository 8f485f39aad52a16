import { usageError } from "../core/errors.ts";
import { RequestState } from "../core/request/attach.ts";
import type { Host } from "../core/request/host.ts";
import type { RequestSession } from "../core/request/session.ts";
import { hostSessionsOf } from "../core/sessions.ts";
import type { AnySessions, Sessions, Stored } from "../core/types.ts";

/** What a session shall hold: some of its keys. */
export type SignInData<Data extends object> = {
  readonly [Key in keyof Data]?: Stored<Data, Key>;
};

/** A request that no server has seen. */
class LoneRequest implements Host {
  readonly anonymousOnError = false;
  readonly isActivity = true;
  readonly #cookieHeader: string | undefined;

  constructor(cookieHeader: string | undefined) {
    this.#cookieHeader = cookieHeader;
  }

  cookieHeader(): string | undefined {
    return this.#cookieHeader;
  }

  onFirstLook(): boolean {
    return true;
  }

  isInsecure(): boolean {
    return false;
  }

  isGone(): boolean {
    return false;
  }

  onGone(): void {}
}

/** Fetches a session, lets `change` do something to it, and commits. Gives the Set-Cookie header, if there is one. */
async function commitAlone(
  sessions: AnySessions,
  cookieHeader: string | undefined,
  change: (session: RequestSession) => void,
): Promise<string | undefined> {
  const host = new LoneRequest(cookieHeader);
  const { session } = hostSessionsOf(sessions).begin(host, new RequestState());
  await session.fetch();
  change(session.exposed);
  const result = await session.commit();
  return result?.setCookie;
}

/**
 * Stores a new session and gives its Set-Cookie header.
 * @throws ERR_SESSION_USE without data, and what `put` and the store throw
 */
export async function signIn<Data extends object>(
  sessions: Sessions<Data>,
  data: SignInData<Data>,
): Promise<string> {
  if (typeof data !== "object" || data === null) {
    const found = data === null ? "null" : typeof data;
    throw usageError(`the data of a session is an object such as { user_id: "u1" }, got ${found}`);
  }
  const setCookie = await commitAlone(sessions, undefined, (session) => {
    for (const [key, value] of Object.entries(data)) session.put(key, value);
  });
  if (setCookie !== undefined) return setCookie;
  throw usageError("a session without data is never stored; pass at least one key");
}

/** Ends the session under these cookies, if there is one; gives the Set-Cookie header that clears its cookie. */
export function signOut(sessions: AnySessions, cookieHeader: string): Promise<string | undefined> {
  return commitAlone(sessions, cookieHeader, (session) => void session.drop());
}

/**
 * The Cookie header of a new session that holds `data`, for whatever sends requests: supertest's
 * `.set("Cookie", ...)`, the `headers` of `app.request`, of `app.inject`, or of a WebSocket.
 * @throws ERR_SESSION_USE without data, and what `put` and the store throw
 * @example
 * ```ts
 * import { cookieFor } from "sojourn/testing";
 *
 * const cookie = await cookieFor(sessions, { user_id: "u1" });
 * await fetch("http://localhost:3000/", { headers: { cookie } });
 * ```
 */
export async function cookieFor<Data extends object>(
  sessions: Sessions<Data>,
  data: SignInData<Data>,
): Promise<string> {
  const [cookie = ""] = (await signIn(sessions, data)).split(";", 1);
  return cookie;
}
