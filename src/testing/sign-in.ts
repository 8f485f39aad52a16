import { usageError } from "../core/errors.ts";
import type { Stored } from "../core/data/frozen.ts";
import type { AnySessions, Session, Sessions } from "../core/types.ts";

/** The data for a new session: some of its keys. */
export type SignInData<Data extends object> = {
  readonly [Key in keyof Data]?: Stored<Data, Key>;
};

/** Opens a session, runs `change` on it, and commits. Gives the Set-Cookie header, if there is one. */
async function commitAlone(
  sessions: AnySessions,
  cookie: string | undefined,
  change: (session: Session) => void,
): Promise<string | undefined> {
  const { session, commit } = await sessions.open({ cookie });
  change(session);
  return (await commit()).setCookie;
}

/**
 * Stores a new session and gives its Set-Cookie header.
 * @throws ERR_SESSION_USE if there is no data, and the errors of `put` and of the store
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

/** Ends the session under these cookies, if there is one. Gives the Set-Cookie header that clears its cookie. */
export function signOut(sessions: AnySessions, cookieHeader: string): Promise<string | undefined> {
  return commitAlone(sessions, cookieHeader, (session) => void session.drop());
}

/**
 * Stores a new session that holds `data` and gives its Cookie header, for any client: supertest's
 * `.set("Cookie", ...)`, or the `headers` of `app.request`, of `app.inject`, or of a WebSocket.
 * @throws ERR_SESSION_USE if there is no data, and the errors of `put` and of the store
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
