import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { StoreContext } from "../../../src/core/store.ts";
import type { SessionOptions } from "../../../src/core/options/session-options.ts";
import { newToken } from "../../../src/crypto/token.ts";
import { readToken } from "../../support/read-token.ts";
import type { FreshToken, PresentedToken } from "../../../src/crypto/token.ts";
import { isRotationDue, renewRow, rotateRow } from "../../../src/stores/table/token-rotation.ts";
import { readRow, toSessionRow } from "../../../src/stores/table/row.ts";
import type { Row } from "../../../src/stores/table/row.ts";
import { tokenStatus } from "../../../src/stores/table/token-status.ts";
import { hasFullRights } from "../../../src/core/token-status.ts";
import type { TokenStatus } from "../../../src/core/token-status.ts";
import { clock } from "../../support/clock.ts";
import type { Clock } from "../../support/clock.ts";
import { canonical } from "../../support/canonical.ts";
import { anyRecord, anyRow, content, tokensOf } from "../../support/tables/records.ts";
import { storeContext } from "../../support/stores/store-context.ts";

const GRACE = 10;
const EVERY = 100;
const NAME = "session";

/** What a table store works with. */
const contextOf = ({ now }: Clock, options: Partial<SessionOptions> = {}): StoreContext =>
  storeContext({ now, key: NAME, renewGrace: GRACE, ...options });

const draw = (handle: string): FreshToken => newToken(NAME, handle);

/** What is left of a row in a table. */
function stored(row: Row): Row {
  const { value, expiresAt } = toSessionRow(row);
  const read = readRow(value, expiresAt);
  if (!read) throw new Error("the row cannot be read");
  return read;
}

const WITHOUT_RIGHTS = ["read-only", "left-behind", "superseded", "unknown"] as const;

describe("L8: a renewal that was asked for", () => {
  const subject = fc.option(fc.constantFrom("ann", "bob"), { nil: undefined });

  it("the new token gets all rights, and the token that asked may read what it could read, for the grace", () => {
    const seconds = fc.constantFrom(0, GRACE - 1, GRACE, GRACE + 1);
    fc.assert(
      fc.property(anyRow(), anyRecord(), subject, subject, seconds, (any, record, from, to, s) => {
        const time = clock();
        const old = newToken(NAME);
        const before = { ...any, digest: old.digest };
        const was = {
          ...before,
          record: { ...before.record, data: { ...before.record.data, user: from } },
        };
        const is = { ...record, data: { ...record.data, user: to } };
        const fresh = newToken(NAME, old.handle);
        const context = contextOf(time, { subject: "user" });
        const { subjectOf } = context;
        const changed = { ...is, subject: subjectOf(is.data) };
        const after = stored(renewRow(was, subjectOf(was.record.data), changed, fresh, context));
        expect(content(after.record)).toBe(content(is));

        time.pass(s);
        expect(tokenStatus(after, fresh.digest, time.now(), subjectOf)).toBe("current");
        const status = tokenStatus(after, old.digest, time.now(), subjectOf);
        if (s >= GRACE) {
          expect(status).toBe("superseded");
        } else {
          expect(status).toBe(from === to ? "read-only" : "left-behind");
          const keeps = from === undefined || from === to;
          const data = keeps ? was.record.data : undefined;
          expect(canonical(after.retired?.data)).toBe(canonical(data));
        }
      }),
    );
  });

  it("every other token that could write may read, and all others open nothing", () => {
    fc.assert(
      fc.property(anyRow(), anyRecord(), (row, record) => {
        const time = clock();
        const fresh = newToken(NAME);
        const changed = { ...record, subject: undefined };
        const context = contextOf(time);
        const after = stored(renewRow(row, undefined, changed, fresh, context));
        expect(canonical(after.retired?.data)).toBe(canonical(row.record.data));
        for (const digest of tokensOf(row)) {
          const had = tokenStatus(row, digest, time.now(), context.subjectOf);
          const has = tokenStatus(after, digest, time.now(), context.subjectOf);
          expect(has).toBe(hasFullRights(had) ? "read-only" : "unknown");
        }
      }),
    );
  });
});

describe("L8: the renewal that renewEvery makes", () => {
  const lifetime = { renewEvery: EVERY };

  /** A new session: its row, and the cookie of the one browser that it belongs to. */
  function begin({ now }: Clock): { row: Row; cookie: string } {
    const { digest, cookie } = newToken(NAME);
    const record = {
      data: { n: 1 },
      flash: {},
      sentAttributes: {},
      createdAt: now(),
      expiresAt: now() + 1e9,
    };
    return { row: { record, digest }, cookie };
  }

  const read = (cookie: string): PresentedToken => {
    const credential = readToken(NAME, cookie);
    if (!credential) throw new Error("no cookie of a table");
    return credential;
  };

  it("a browser that loses answers keeps a cookie that may do everything", () => {
    const request = fc.record({
      pause: fc.constantFrom(0, 1, GRACE - 1, GRACE, EVERY - 1, EVERY, 3 * EVERY),
      arrives: fc.boolean(),
      gone: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(request, { maxLength: 20 }), (requests) => {
        const time = clock();
        const context = contextOf(time, { lifetime });
        let { row, cookie } = begin(time);
        for (const { pause, arrives, gone } of requests) {
          time.pass(pause);
          const presented = read(cookie);
          const status = tokenStatus(row, presented.digest, time.now(), context.subjectOf);
          expect(hasFullRights(status)).toBe(true);
          const rotated = rotateRow(presented, row, status, context, draw, () => gone);
          expect(gone ? rotated.cookie : undefined).toBeUndefined();
          row = stored(rotated.row);
          if (arrives) cookie = rotated.cookie ?? cookie;
          expect(read(cookie).handle).toBe(presented.handle);
          expect(content(row.record)).toBe(content(begin(clock()).row.record));
        }
      }),
    );
  });

  it("a renewal never comes early, and comes eight times until the next token is presented or overdue", () => {
    const time = clock();
    const context = contextOf(time, { lifetime });
    const { row, cookie } = begin(time);
    const presented = read(cookie);
    const { digest } = presented;
    const statusOf = (row: Row, digest: string): TokenStatus =>
      tokenStatus(row, digest, time.now(), context.subjectOf);
    const rotate = (row: Row, by: PresentedToken): ReturnType<typeof rotateRow> =>
      rotateRow(by, row, statusOf(row, by.digest), context, draw, () => false);

    time.pass(EVERY - 1);
    expect(rotate(row, presented)).toEqual({ row, cookie: undefined, rotation: undefined });
    time.pass(1);
    const first = rotate(row, presented);
    expect(first.rotation).toBe("issued");
    let issued = first;
    for (let other = 2; other <= 8; other++) {
      issued = rotate(issued.row, presented);
      expect(issued.rotation).toBe("issued");
    }
    expect(rotate(issued.row, presented)).toMatchObject({ rotation: undefined, cookie: undefined });
    time.pass(GRACE);
    expect(rotate(issued.row, presented).rotation).toBe("issued");

    const arrived = rotate(issued.row, read(issued.cookie ?? ""));
    expect(arrived).toMatchObject({ rotation: "presented", cookie: undefined });
    expect(statusOf(arrived.row, digest)).toBe("previous");
    expect(isRotationDue(arrived.row, statusOf(arrived.row, digest), context)).toBe(false);
    time.pass(GRACE);
    expect(statusOf(arrived.row, digest)).toBe("superseded");
  });

  it("a row whose token may only read, or do nothing, loses nothing", () => {
    fc.assert(
      fc.property(anyRow(), fc.constantFrom(...WITHOUT_RIGHTS), (row, status) => {
        const rotated = rotateRow(
          newToken(NAME),
          row,
          status,
          contextOf(clock(), { lifetime }),
          draw,
          () => false,
        );
        expect(rotated).toEqual({ row, cookie: undefined, rotation: undefined });
      }),
    );
  });
});
