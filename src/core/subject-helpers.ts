import { asStoreError } from "./request/commit.ts";
import { describe } from "./errors.ts";
import { misuse } from "./misuse.ts";
import type { Settings } from "./options/read-options.ts";
import type { RequestSession } from "./request/session.ts";
import type { SubjectSessions } from "./store.ts";
import { subjectText } from "./subject/subject.ts";
import type { Conn, ListOptions, RevokeOptions, SessionInfo, Subject } from "./types.ts";
import { EMPTY, copyOut, own } from "./data/values.ts";

/** What an application may do with all sessions of one subject. */
export interface SubjectHelpers {
  list(subject: Subject, options?: ListOptions<string>): Promise<readonly SessionInfo<unknown>[]>;
  revoke(subject: Subject, options?: RevokeOptions): Promise<void>;
  revokeOne(subject: Subject, handle: string): Promise<void>;
}

/** @param find the session of a request */
export function subjectHelpers(
  settings: Settings,
  find: (conn: Conn) => RequestSession,
): SubjectHelpers {
  const { subjects } = settings.backend;

  /** @throws ERR_SESSION_USE where there is nothing to call */
  function require(helper: string): SubjectSessions {
    if (settings.subject === undefined) {
      throw misuse(
        `sessions.${helper} needs the option subject: the data key that says whose session it is`,
      );
    }
    if (!subjects) {
      throw misuse(
        `sessions.${helper} needs a store that keeps something of its sessions: tableStore({ table }), or ` +
          "cookieStore({ secret, revocations: table })",
      );
    }
    return subjects;
  }

  return {
    async list(subject, { label, current } = {}) {
      const store = require("list");
      if (!store.list) {
        throw misuse(
          "sessions.list needs tableStore({ table }): of sealed cookies no list is kept",
        );
      }
      const mine = current && find(current).handle;
      const whose = subjectText(subject, "what list is given");
      const listed = await asStoreError(() => store.list?.(whose) ?? [], "listing sessions");
      return listed.map(({ handle, record }) => ({
        handle,
        createdAt: new Date(record.createdAt),
        lastSeenAt: new Date(record.expiresAt - settings.idle),
        label:
          label === undefined
            ? undefined
            : copyOut(own(settings.schema.read(record.data) ?? EMPTY, label)),
        current: handle === mine,
      }));
    },
    async revoke(subject, { except } = {}) {
      const store = require("revoke");
      const spared = typeof except === "object" ? find(except).handle : except;
      const whose = subjectText(subject, "what revoke is given");
      await asStoreError(() => store.revoke(whose, spared), "revoking sessions");
    },
    async revokeOne(subject, handle) {
      const store = require("revokeOne");
      if (typeof handle !== "string") {
        throw misuse(
          `revokeOne takes a subject and the handle of a session, got ${describe(handle)}`,
        );
      }
      const whose = subjectText(subject, "what revokeOne is given");
      await asStoreError(() => store.revokeOne(whose, handle), "revoking a session");
    },
  };
}
