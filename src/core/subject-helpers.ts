import { asStoreError } from "./store-errors.ts";
import { describe, usageError } from "./errors.ts";
import type { ResolvedOptions } from "./options/read-options.ts";
import type { HostSession } from "./request/host-session.ts";
import type { SubjectSessions } from "./store.ts";
import { readListLimit, subjectText } from "./subject/subject.ts";
import type { ListOptions, RevokeOptions, SessionInfo } from "./subject/session-info.ts";
import { signInOf } from "./subject/signed-in-at.ts";
import type { Conn, Subject } from "./types.ts";
import { EMPTY, copyOut, own } from "./data/values.ts";

/** The helpers for all sessions of one subject. */
export interface SubjectHelpers {
  list(subject: Subject, options?: ListOptions<string>): Promise<readonly SessionInfo<unknown>[]>;
  revoke(subject: Subject, options?: RevokeOptions): Promise<void>;
  revokeOne(subject: Subject, handle: string): Promise<void>;
  revokeBefore(date: Date): Promise<void>;
}

/**
 * Makes the helpers for the sessions of a subject.
 * @param hostOf gives the session of a request
 */
export function subjectHelpers(
  settings: ResolvedOptions,
  hostOf: (conn: Conn) => HostSession,
): SubjectHelpers {
  const { backend } = settings;
  const { subjects } = backend;

  /** @throws ERR_SESSION_USE if the store or the options do not allow the helper */
  function require(helper: string): SubjectSessions {
    if (settings.subject === undefined) {
      throw usageError(
        `sessions.${helper} needs the option subject: the data key that says whose session it is`,
      );
    }
    if (!subjects) throw keepsNothing(helper);
    return subjects;
  }

  return {
    async list(subject, { label, current, limit } = {}) {
      const store = require("list");
      if (!store.list) {
        throw usageError(
          "sessions.list needs tableStore({ table }): the server keeps no list of sealed cookies",
        );
      }
      const mine = current && hostOf(current).session.handle;
      const whose = subjectText(subject, "list");
      const most = readListLimit(limit);
      const listed = await asStoreError(() => store.list?.(whose, most) ?? [], "listing sessions");
      return listed.map(({ handle, record }) => ({
        handle,
        createdAt: new Date(record.createdAt),
        signedInAt: new Date(signInOf(record)),
        lastSeenAt: new Date(record.expiresAt - settings.lifespans.of(record).idle),
        label:
          label === undefined
            ? undefined
            : copyOut(own(settings.schema.read(record.data) ?? EMPTY, label)),
        current: handle === mine,
      }));
    },
    async revoke(subject, { except } = {}) {
      const store = require("revoke");
      const spared = typeof except === "object" ? hostOf(except).spare() : except;
      const whose = subjectText(subject, "revoke");
      await asStoreError(() => store.revoke(whose, spared), "revoking sessions");
    },
    async revokeOne(subject, handle) {
      const store = require("revokeOne");
      if (typeof handle !== "string") {
        throw usageError(
          `revokeOne takes a subject and the handle of a session, got ${describe(handle)}`,
        );
      }
      const whose = subjectText(subject, "revokeOne");
      await asStoreError(() => store.revokeOne(whose, handle), "revoking a session");
    },
    async revokeBefore(date) {
      if (!backend.revokeBefore) throw keepsNothing("revokeBefore");
      const time = date instanceof Date ? date.getTime() : NaN;
      if (!(time <= settings.now())) {
        throw usageError(
          `revokeBefore takes a Date that is not in the future, such as new Date(), got ${describe(date)}`,
        );
      }
      await asStoreError(() => backend.revokeBefore?.(time), "revoking sessions");
    },
  };
}

function keepsNothing(helper: string): Error {
  return usageError(
    `sessions.${helper} needs a store that keeps something of its sessions: tableStore({ table }), or ` +
      "cookieStore({ secret, revocations: table })",
  );
}
