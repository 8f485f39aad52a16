import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { StoreContext } from "../../../src/core/store.ts";
import type { SessionOptions } from "../../../src/core/options/session-options.ts";
import { newCredential, readCredential } from "../../../src/crypto/token.ts";
import type { Credential } from "../../../src/crypto/token.ts";
import { isRotationDue, renewRow, rotateRow } from "../../../src/stores/table/token-rotation.ts";
import { readRow, rightOf, toSessionRow } from "../../../src/stores/table/row.ts";
import type { Row } from "../../../src/stores/table/row.ts";
import { clock } from "../../support/clock.ts";
import type { Clock } from "../../support/clock.ts";
import { canonical } from "../../support/canonical.ts";
import { anyRecord, anyRow, content, secretsOf } from "../../support/tables/records.ts";
import { storeContext } from "../../support/store-context.ts";

const GRACE = 10;
const EVERY = 100;
const NAME = "session";

/** What a table store works with. */
const contextOf = ({ now }: Clock, options: Partial<SessionOptions> = {}): StoreContext =>
  storeContext({ now, key: NAME, renewGrace: GRACE, ...options });

/** What is left of a row in a table. */
function stored(row: Row): Row {
  const { value, expiresAt } = toSessionRow(row);
  const read = readRow(value, expiresAt);
  if (!read) throw new Error("the row cannot be read");
  return read;
}

describe("a renewal that was asked for", () => {
  const subject = fc.option(fc.constantFrom("ann", "bob"), { nil: undefined });

  it("gives all rights to the new secret, and to the one that asked what it could read, for the grace", () => {
    const seconds = fc.constantFrom(0, GRACE - 1, GRACE, GRACE + 1);
    fc.assert(
      fc.property(anyRow(), anyRecord(), subject, subject, seconds, (any, record, from, to, s) => {
        const time = clock();
        const old = newCredential(NAME);
        const before = { ...any, digest: old.digest };
        const was = {
          ...before,
          record: { ...before.record, data: { ...before.record.data, user: from } },
        };
        const is = { ...record, data: { ...record.data, user: to } };
        const fresh = newCredential(NAME, old.handle);
        const after = stored(renewRow(was, is, fresh, contextOf(time, { subject: "user" })));
        expect(content(after.record)).toBe(content(is));

        time.pass(s);
        expect(rightOf(after, fresh.digest, time.now())).toMatchObject({ access: "current" });
        const right = rightOf(after, old.digest, time.now());
        if (s >= GRACE) {
          expect(right).toEqual({ access: "none", reason: "retired" });
        } else {
          const keeps = from === undefined || from === to;
          const data = keeps ? was.record.data : undefined;
          expect(canonical(right)).toBe(canonical({ access: "retired", data }));
        }
      }),
    );
  });

  it("takes the right to write from every other secret, and to read from those that had no other", () => {
    fc.assert(
      fc.property(anyRow(), anyRecord(), (row, record) => {
        const time = clock();
        const fresh = newCredential(NAME);
        const after = stored(renewRow(row, record, fresh, contextOf(time)));
        const read = { access: "retired", data: row.record.data };
        for (const digest of secretsOf(row)) {
          const had = rightOf(row, digest, time.now());
          const has = rightOf(after, digest, time.now());
          const nothing = { access: "none", reason: "unknown-secret" };
          expect(canonical(has)).toBe(canonical(had.access === "current" ? read : nothing));
        }
      }),
    );
  });
});

describe("the renewal that nobody asks for", () => {
  const lifetime = { renewEvery: EVERY };

  /** A new session: its row, and the cookie of the one browser that it belongs to. */
  function begin({ now }: Clock): { row: Row; cookie: string } {
    const { digest, cookie } = newCredential(NAME);
    const record = {
      data: { n: 1 },
      flash: {},
      sent: {},
      createdAt: now(),
      expiresAt: now() + 1e9,
    };
    return { row: { record, digest }, cookie };
  }

  const read = (cookie: string): Credential => {
    const credential = readCredential(NAME, cookie);
    if (!credential) throw new Error("no cookie of a table");
    return credential;
  };

  it("leaves a browser that loses answers with a cookie that may do everything", () => {
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
          const right = rightOf(row, presented.digest, time.now());
          expect(right.access).toBe("current");
          const rotated = rotateRow(presented, row, right, context, () => gone);
          expect(gone ? rotated.cookie : undefined).toBeUndefined();
          row = stored(rotated.row);
          if (arrives) cookie = rotated.cookie ?? cookie;
          expect(read(cookie).handle).toBe(presented.handle);
          expect(content(row.record)).toBe(content(begin(clock()).row.record));
        }
      }),
    );
  });

  it("is not before its time, and then once until the next secret is presented or overdue", () => {
    const time = clock();
    const context = contextOf(time, { lifetime });
    const { row, cookie } = begin(time);
    const presented = read(cookie);
    const { digest } = presented;
    const rotate = (row: Row, by: Credential): ReturnType<typeof rotateRow> =>
      rotateRow(by, row, rightOf(row, by.digest, time.now()), context, () => false);

    time.pass(EVERY - 1);
    expect(rotate(row, presented)).toEqual({ row, cookie: undefined, rotation: undefined });
    time.pass(1);
    const issued = rotate(row, presented);
    expect(issued.rotation).toBe("issued");
    expect(rotate(issued.row, presented).rotation).toBeUndefined();
    time.pass(GRACE);
    expect(rotate(issued.row, presented).rotation).toBe("issued");

    const arrived = rotate(issued.row, read(issued.cookie ?? ""));
    expect(arrived).toMatchObject({ rotation: "presented", cookie: undefined });
    const access = (): string => rightOf(arrived.row, digest, time.now()).access;
    expect(access()).toBe("current");
    expect(isRotationDue(arrived.row, rightOf(arrived.row, digest, time.now()), context)).toBe(
      false,
    );
    time.pass(GRACE);
    expect(access()).toBe("none");
  });

  it("takes nothing from a row whose secret may only read, or nothing", () => {
    fc.assert(
      fc.property(anyRow(), fc.constantFrom("retired" as const, "none" as const), (row, access) => {
        const right =
          access === "none"
            ? ({ access, reason: "unknown-secret" } as const)
            : { access, data: row.record.data };
        const rotated = rotateRow(
          newCredential(NAME),
          row,
          right,
          contextOf(clock(), { lifetime }),
          () => false,
        );
        expect(rotated).toEqual({ row, cookie: undefined, rotation: undefined });
      }),
    );
  });
});
