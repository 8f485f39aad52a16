import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readOptions } from "../../../src/core/options/read-options.ts";
import type { Saved, SessionBackend, SessionRecord } from "../../../src/core/store.ts";
import { HANDLE_BYTES, newHandle } from "../../../src/crypto/token.ts";
import { cookieStore } from "../../../src/stores/cookie/cookie-store.ts";
import { readPayload, writePayload } from "../../../src/stores/cookie/payload.ts";
import type { Payload } from "../../../src/stores/cookie/payload.ts";
import { anyRecord, anyTime, anyUnknown, content } from "../../support/tables/records.ts";
import { openSoon } from "../../support/stores/open-now.ts";
import { OLD_SECRET, SECRET } from "../../support/secrets.ts";

const anyHandle = fc
  .uint8Array({ minLength: HANDLE_BYTES, maxLength: HANDLE_BYTES })
  .map((bytes) => Buffer.from(bytes).toString("base64url"));

/** A record in a seal has an end of its own. */
function anyPayload(): fc.Arbitrary<Payload> {
  const time = anyTime().filter((each) => each > 0);
  const record = fc.tuple(anyRecord(), time).map(([some, endsAt]) => ({ ...some, endsAt }));
  return fc.record(
    { handle: anyHandle, generation: fc.nat(), record, sealedAt: time, unknown: anyUnknown() },
    { requiredKeys: ["handle", "generation", "record"], noNullPrototype: true },
  );
}

describe("the bytes of a sealed record", () => {
  it("the bytes give handle, generation and record back as they were", () => {
    fc.assert(
      fc.property(anyPayload(), (payload) => {
        expect(content(readPayload(writePayload(payload)))).toBe(content(payload));
      }),
      { numRuns: 500 },
    );
  });

  it("the bytes round a deadline down to the millisecond", () => {
    fc.assert(
      fc.property(anyTime(), fc.double({ min: 0, max: 0.99, noNaN: true }), (time, part) => {
        fc.pre(time + part < 2 ** 48);
        const record = {
          data: {},
          flash: {},
          sentAttributes: {},
          createdAt: 0,
          expiresAt: time + part,
        };
        const read = readPayload(writePayload({ handle: newHandle(), generation: 0, record }));
        expect(read?.record.expiresAt).toBe(Math.floor(time + part));
      }),
    );
  });

  it("the bytes spend nothing on messages and attributes that are not there", () => {
    const length = (more: Partial<SessionRecord>): number => {
      const record = {
        data: { a: 1 },
        flash: {},
        sentAttributes: {},
        createdAt: 0,
        expiresAt: 1,
        ...more,
      };
      return writePayload({ handle: newHandle(), generation: 0, record }).length;
    };
    expect(length({})).toBe(16 + 16 + 4 * 6 + '[{"a":1}]'.length);
    expect(length({ flash: { b: ["s", 1] } }) - length({})).toBe(',{"flash":{"b":["s",1]}}'.length);
    expect(length({ sentAttributes: { secure: true } }) - length({})).toBe(
      ',{"sent":{"secure":true}}'.length,
    );
  });

  it("changed bytes are a record or none, and never an error", () => {
    const change = fc.record({ at: fc.nat(), remove: fc.nat(40), insert: fc.uint8Array() });
    fc.assert(
      fc.property(anyHandle, anyRecord(), change, (handle, record, { at, remove, insert }) => {
        const bytes = writePayload({ handle, generation: 1, record });
        const place = at % bytes.length;
        const parts = [bytes.subarray(0, place), insert, bytes.subarray(place + remove)];
        readPayload(Buffer.concat(parts));
        readPayload(bytes.subarray(0, place));
        readPayload(Buffer.from(insert));
      }),
      { numRuns: 2000 },
    );
  });
});

describe("L18: a seal of another version", () => {
  it("a payload of format 1 is read, as it was written", () => {
    const handle = newHandle();
    const text = JSON.stringify([{ user: "ann" }, { saved: ["s", 1] }, { secure: false }, 5, 3]);
    const bytes = Buffer.alloc(28);
    bytes.write(handle, 0, 16, "base64url");
    bytes.writeUIntBE(1000, 16, 6);
    bytes.writeUIntBE(2000, 22, 6);
    expect(readPayload(Buffer.concat([bytes, Buffer.from(text)]), 1)).toEqual({
      handle,
      generation: 3,
      record: {
        data: { user: "ann" },
        flash: { saved: ["s", 1] },
        sentAttributes: { secure: false },
        createdAt: 1000,
        expiresAt: 2000,
        subjectSince: 1005,
      },
    });
  });
});

describe("L10: a cookie that the store seals", () => {
  const secrets = [SECRET, OLD_SECRET, "kD2s-Yq8RzT_5hXc0WbN7jVf3MpL6gEa"] as const;

  const backend = (key: string, secret: readonly [string, ...string[]]): SessionBackend =>
    readOptions({ store: cookieStore({ secret }), key, now: () => 0 }).backend;

  /** Seals a record as a new session. */
  async function seal(to: SessionBackend, record: SessionRecord): Promise<Saved> {
    const saved = await to.create({
      renew: false,
      loadedSubject: undefined,
      isGone: () => false,
      apply: () => ({ ...record, subject: undefined }),
    });
    if ("stopped" in saved) throw new Error(`stopped: ${saved.stopped}`);
    return saved;
  }

  /** Why the cookie is refused, or else what it holds. */
  async function load(from: SessionBackend, cookie: string | undefined): Promise<string> {
    const result = await openSoon(from, cookie ?? "", 0);
    return "refused" in result
      ? result.refused
      : content({ ...result.record, endsAt: undefined, handle: result.handle });
  }

  it("a seal opens as what was sealed, for every holder of the secret, in any place of the list", async () => {
    const [a, b, c] = secrets;
    const places = fc.constantFrom<readonly [string, ...string[]]>([a], [a, b], [b, a], [c, b, a]);
    await fc.assert(
      fc.asyncProperty(anyRecord(), places, async (record, list) => {
        const { handle, cookie } = await seal(backend("session", [a, c]), record);
        expect(await load(backend("session", list), cookie)).toBe(content({ ...record, handle }));
      }),
      { numRuns: 50 },
    );
  });

  it("a seal opens neither under another cookie name nor without the secret", async () => {
    const [a, b, c] = secrets;
    const name = fc.constantFrom("session", "sessio", "session2", "Session", "__Host-session");
    const others = fc.constantFrom<readonly [string, ...string[]]>([b], [b, c], [c, b]);
    await fc.assert(
      fc.asyncProperty(anyRecord(), name, name, others, async (record, mine, other, list) => {
        fc.pre(mine !== other);
        const { cookie } = await seal(backend(mine, [a]), record);
        expect(await load(backend(other, [a]), cookie)).toBe("forged");
        expect(await load(backend(mine, list), cookie)).toBe("forged");
      }),
      { numRuns: 50 },
    );
  });
});
