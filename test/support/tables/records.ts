/** Whatever the stores may have to keep. A new field of a record or a row gets its arbitrary here, and nowhere else. */
import fc from "fast-check";
import type { Arbitrary } from "fast-check";
import type { SessionData, SessionRecord } from "../../../src/core/store.ts";
import { copyIn } from "../../../src/core/data/values.ts";
import type { Row } from "../../../src/stores/table/row.ts";
import { anyKey, anyText, objectOf, storable } from "../arbitraries.ts";
import { canonical } from "../canonical.ts";

/** The data of a session, as `put` has copied it. */
export function anyBag(): Arbitrary<SessionData> {
  return objectOf(storable()).map((data) => copyIn(data, ["data"]) as SessionData);
}

/** Messages by key. Their stamps are few, so that they meet. */
export function anyFlash(key: Arbitrary<string> = anyKey()): Arbitrary<SessionRecord["flash"]> {
  const stamp = fc.constantFrom("s1", "s2", "s3");
  const message = fc.tuple(
    stamp,
    storable().map((value) => copyIn(value, ["message"])),
  );
  return fc
    .uniqueArray(fc.tuple(key, message), { maxLength: 3, selector: ([name]) => name })
    .map((entries) => Object.fromEntries(entries));
}

/** A time as the clock gives it, up to the last that six bytes hold. */
export function anyTime(): Arbitrary<number> {
  return fc.oneof(fc.constantFrom(0, 2 ** 32, 2 ** 48 - 1), fc.nat(2 ** 48 - 1));
}

export function anyRecord(): Arbitrary<SessionRecord> {
  return fc.record(
    {
      data: anyBag(),
      flash: anyFlash(),
      sentAttributes: anySent(),
      createdAt: anyTime(),
      expiresAt: anyTime(),
      subjectSince: anyTime(),
      id: anyId(),
      sentOptions: anySent(),
      signedInAt: anyTime(),
      ahead: anyTime(),
      lifetime: fc.record(
        { idle: anyTime(), absolute: anyTime() },
        { requiredKeys: [], noNullPrototype: true },
      ),
    },
    {
      requiredKeys: ["data", "flash", "sentAttributes", "createdAt", "expiresAt"],
      noNullPrototype: true,
    },
  );
}

/** A public id; none is all zeros, which stands for none in a seal. */
export function anyId(): Arbitrary<string> {
  return fc
    .uint8Array({ minLength: 16, maxLength: 16 })
    .filter((bytes) => bytes.some((byte) => byte > 0))
    .map((bytes) => Buffer.from(bytes).toString("base64url"));
}

const KNOWN_FIELD =
  /^(createdAt|digest|data|id|since|signedInAt|lifetime|flash|sent|options|renewedAt|next|retired|replaced|generation)$/;

/** Fields of a later version. */
export function anyUnknown(): Arbitrary<SessionData> {
  return objectOf(storable())
    .filter((fields) => Object.keys(fields).length > 0)
    .filter((fields) => !Object.keys(fields).some((name) => KNOWN_FIELD.test(name)))
    .map((fields) => copyIn(fields, ["fields"]) as SessionData);
}

function anySent(): Arbitrary<SessionRecord["sentAttributes"]> {
  const flag = fc.boolean();
  return fc.record(
    {
      path: anyText().map((path) => `/${path}`),
      domain: fc.option(fc.domain(), { nil: undefined }),
      secure: flag,
      httpOnly: flag,
      sameSite: fc.constantFrom("strict" as const, "lax" as const, "none" as const),
      partitioned: flag,
      persist: flag,
    },
    { requiredKeys: [], noNullPrototype: true },
  );
}

export function anyDigest(): Arbitrary<string> {
  return fc
    .uint8Array({ minLength: 32, maxLength: 32 })
    .map((bytes) => Buffer.from(bytes).toString("base64url"));
}

export function anyRow(): Arbitrary<Row> {
  const digests = fc.array(anyDigest(), { minLength: 1, maxLength: 3 });
  const retired = fc.record(
    {
      digests,
      until: anyTime(),
      id: anyId(),
      data: anyBag(),
      full: fc.constant(true as const),
      former: digests,
    },
    { requiredKeys: ["digests", "until"], noNullPrototype: true },
  );
  const next = fc.record(
    {
      digests,
      issuedAt: anyTime(),
      rounds: fc.array(fc.integer({ min: 1, max: 8 }), { maxLength: 5 }),
      presented: fc.constant(true as const),
    },
    { requiredKeys: ["digests", "issuedAt"], noNullPrototype: true },
  );
  return fc.record(
    {
      record: anyRecord(),
      digest: anyDigest(),
      renewedAt: anyTime(),
      next,
      retired,
      replaced: fc.array(fc.nat(), { minLength: 1 }).map((versions) => versions.join(".")),
      unknown: anyUnknown(),
    },
    { requiredKeys: ["record", "digest"], noNullPrototype: true },
  );
}

/** Every token that a row knows, by its digest. */
export function tokensOf({ digest, next, retired }: Row): readonly string[] {
  const { digests = [], former = [] } = retired ?? {};
  return [digest, ...(next?.digests ?? []), ...digests, ...former];
}

const PARTS: ReadonlySet<string> = new Set(["record", "lifetime", "next", "retired"]);

/**
 * All that a record or a row says. The order of its own fields says nothing; that of what they hold does. A subject
 * without a time of its own was put with the session.
 */
export function content(object: object | undefined): string {
  if (object === undefined) return "nothing";
  const fields = new Map<string, unknown>(Object.entries(object));
  if (fields.get("subjectSince") === undefined) fields.set("subjectSince", fields.get("createdAt"));
  return [...fields]
    .filter(([, value]) => value !== undefined)
    .map(
      ([name, value]) =>
        `${name}: ${PARTS.has(name) ? content(value as object) : canonical(value)}`,
    )
    .sort()
    .join("\n");
}
