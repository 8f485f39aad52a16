/** A process of its own over a table that others use as well. */
import { RequestState } from "../../../src/core/request/attach.ts";
import type { HostSession } from "../../../src/core/request/host-session.ts";
import type { RequestSession } from "../../../src/core/request/session.ts";
import { createSessions, hostSessionsOf } from "../../../src/core/sessions.ts";
import type { SessionTable } from "../../../src/core/store.ts";
import type { Secret } from "../../../src/crypto/secret.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { leaks } from "../../support/leaks.ts";
import { loneRequest } from "../../support/lone-request.ts";

const KEY = "sid";
/** Seconds. */
export const GRACE = 10;
/** What the session has counted when the requests begin. */
export const START = 100;

export interface ProcessSettings {
  readonly now: () => number;
  readonly renewEvery?: number | undefined;
  /** Seals the rows, if there is one. */
  readonly secret?: Secret | undefined;
}

/** The sessions of one process over a table. `subject` is the key that says who is signed in; `language` outlives it. */
export function processOver(
  table: SessionTable,
  { now, renewEvery, secret }: ProcessSettings,
): Process {
  const sessions = createSessions({
    store: tableStore(secret === undefined ? { table } : { table, secret }),
    key: KEY,
    subject: "user",
    carry: ["language"],
    renewGrace: GRACE,
    lifetime: { renewEvery },
    now,
  });
  return {
    async visit(cookie, handler, isGone = false) {
      const host = { ...loneRequest(`${KEY}=${cookie}`), isGone: () => isGone };
      const { session } = hostSessionsOf(sessions).begin(host, new RequestState());
      await session.fetch();
      const result = handler(session.exposed, session);
      const shown = session.exposed.id;
      const outcome = await session.commit();
      const set = /^sid=([^;]*)/.exec(outcome?.setCookie ?? "")?.[1];
      // While a secret is rotated, the same token comes again in the cookie of the other secret: that is no new token.
      const sent = set !== undefined && isSameToken(set, cookie) ? undefined : set;
      leaks.confideCookie(sent ?? "");
      return { result, cookie: sent, shown, handle: session.exposed.handle };
    },
  };
}

/** The characters of handle and token. The authenticator of a secret follows them. */
const PAIR = 64;

function isSameToken(sent: string, offered: string): boolean {
  return sent !== offered && sent.length > PAIR && sent.slice(0, PAIR) === offered.slice(0, PAIR);
}

/** @param host the same session, as its host and the helpers drive it */
export type Handler = (session: RequestSession, host: HostSession) => unknown;

export interface Visited {
  readonly result: unknown;
  /** The Set-Cookie value, if there is one. */
  readonly cookie: string | undefined;
  readonly shown: string;
  readonly handle: string | undefined;
}

export interface Process {
  /**
   * Runs one request: load, handler, commit.
   * @param isGone whether its client has gone, so that no answer can carry a cookie
   */
  visit(cookie: string, handler: Handler, isGone?: boolean): Promise<Visited>;
}
