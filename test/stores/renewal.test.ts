import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { StoreContext } from "../../src/core/store.ts";
import type { SessionOptions } from "../../src/core/session-options.ts";
import { newCredential, readCredential } from "../../src/crypto/credential.ts";
import type { Credential } from "../../src/crypto/credential.ts";
import { isRotationDue, renewRow, rotateRow } from "../../src/stores/renewal.ts";
import { readRow, rightOf, toSessionRow } from "../../src/stores/row.ts";
import type { Row } from "../../src/stores/row.ts";
import { clock } from "../support/clock.ts";
import type { Clock } from "../support/clock.ts";
import { canonical } from "../support/canonical.ts";
import { anyRecord, anyRow, content } from "../support/records.ts";
import { storeContext } from "../support/store-context.ts";

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
        const after = stored(renewRow(was, is, old, fresh, contextOf(time, { subject: "user" })));
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

  it("ends every other secret that the row knew", () => {
    fc.assert(
      fc.property(anyRow(), anyRecord(), (row, record) => {
        const [old, fresh] = [newCredential(NAME), newCredential(NAME)];
        const before = { ...row, digest: old.digest };
        const after = stored(renewRow(before, record, old, fresh, contextOf(clock())));
        for (const digest of [row.next?.digest, row.retired?.digest]) {
          if (digest === undefined) continue;
          const right = rightOf(after, digest, 0);
          expect(right).toEqual({ access: "none", reason: "unknown-secret" });
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
    });
    fc.assert(
      fc.property(fc.array(request, { maxLength: 20 }), (requests) => {
        const time = clock();
        const context = contextOf(time, { lifetime });
        let { row, cookie } = begin(time);
        for (const { pause, arrives } of requests) {
          time.pass(pause);
          const { handle, digest } = read(cookie);
          const right = rightOf(row, digest, time.now());
          expect(right.access).toBe("current");
          const rotated = rotateRow(handle, row, right, context);
          row = stored(rotated.row);
          if (arrives) cookie = rotated.cookie ?? cookie;
          expect(read(cookie).handle).toBe(handle);
          expect(content(row.record)).toBe(content(begin(clock()).row.record));
        }
      }),
    );
  });

  it("is not before its time, and then once until the next secret is presented or overdue", () => {
    const time = clock();
    const context = contextOf(time, { lifetime });
    const { row, cookie } = begin(time);
    const { handle, digest } = read(cookie);
    const rotate = (row: Row, presented: string): ReturnType<typeof rotateRow> =>
      rotateRow(handle, row, rightOf(row, presented, time.now()), context);

    time.pass(EVERY - 1);
    expect(rotate(row, digest)).toEqual({ row, cookie: undefined, rotation: undefined });
    time.pass(1);
    const issued = rotate(row, digest);
    expect(issued.rotation).toBe("issued");
    expect(rotate(issued.row, digest).rotation).toBeUndefined();
    time.pass(GRACE);
    expect(rotate(issued.row, digest).rotation).toBe("issued");

    const presented = rotate(issued.row, read(issued.cookie ?? "").digest);
    expect(presented).toMatchObject({ rotation: "presented", cookie: undefined });
    const access = (): string => rightOf(presented.row, digest, time.now()).access;
    expect(access()).toBe("current");
    expect(isRotationDue(presented.row, rightOf(presented.row, digest, time.now()), context)).toBe(
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
        const rotated = rotateRow("handle", row, right, contextOf(clock(), { lifetime }));
        expect(rotated).toEqual({ row, cookie: undefined, rotation: undefined });
      }),
    );
  });
});
