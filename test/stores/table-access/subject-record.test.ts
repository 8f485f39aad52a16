import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { newHandle } from "../../../src/crypto/token.ts";
import type { RecordFormat } from "../../../src/stores/table-access/side-records.ts";
import {
  isRevoked,
  newestFirst,
  revokeAll,
  subjectFormat,
} from "../../../src/stores/table-access/subject-record.ts";
import type { Entry, SubjectRecord } from "../../../src/stores/table-access/subject-record.ts";
import { clock } from "../../support/clock.ts";
import type { Clock } from "../../support/clock.ts";
import { storeContext } from "../../support/stores/store-context.ts";

/** Few, so that they meet. */
const HANDLES = Array.from({ length: 4 }, newHandle);
const handle = fc.constantFrom(...HANDLES);
/** Seconds around the clock's time; a session lives for 100. */
const ABSOLUTE = 100;
const { now: NOW } = clock();
const at = fc
  .oneof(fc.constantFrom(-100, -1, 0, 1, 100), fc.integer({ min: -200, max: 200 }))
  .map((seconds) => NOW() + seconds * 1000);

const entry: fc.Arbitrary<Entry> = fc.record({
  handle,
  since: at,
  endsAt: at,
  addedAt: at,
  revoked: fc.boolean(),
});
const notBefore = fc.oneof(fc.constant(0), at);
const row: fc.Arbitrary<SubjectRecord> = fc
  .record({
    notBefore,
    except: fc.option(fc.record({ handle, notBefore }), { nil: undefined }),
    entries: fc.uniqueArray(entry, { selector: (each) => each.handle, maxLength: 4 }),
  })
  // What was spared was spared by the last revocation.
  .filter(({ notBefore, except }) => !except || except.notBefore <= notBefore);

const formatOf = ({ now }: Clock): RecordFormat<SubjectRecord> =>
  subjectFormat("subject", storeContext({ now, lifetime: { idle: ABSOLUTE, absolute: ABSOLUTE } }));

describe("the record of a subject", () => {
  const format = formatOf(clock());

  it("a record comes back from its text as it was, and says whether there is anything to keep", () => {
    fc.assert(
      fc.property(row, (subject) => {
        const nothing = subject.notBefore === 0 && subject.entries.length === 0;
        expect(format.isEmpty(subject)).toBe(nothing);
        expect(format.read(format.write(subject))).toEqual(subject);
      }),
    );
  });

  it("a record of another format is an error, so that no list is lost", () => {
    fc.assert(
      fc.property(row, fc.constantFrom("s2", "1", "", "e1"), (subject, other) => {
        const text = other + format.write(subject).slice(2);
        expect(() => format.read(text)).toThrow(
          expect.objectContaining({ code: "ERR_SESSION_STORE" }),
        );
      }),
    );
  });

  it("a record that is pruned forgets what no session needs any more, and nothing else", () => {
    fc.assert(
      fc.property(row, handle, fc.nat(ABSOLUTE - 1), (subject, handle, age) => {
        const tidy = format.prune(subject);
        expect(tidy.entries).toEqual(subject.entries.filter(({ endsAt }) => endsAt > NOW()));
        expect(format.prune(tidy)).toEqual(tidy);
        // A session that lives, and is in no entry that has ended.
        const since = NOW() - age * 1000;
        const known = subject.entries.find((each) => each.handle === handle);
        fc.pre(!known || known.endsAt > NOW());
        expect(isRevoked(tidy, handle, since)).toBe(isRevoked(subject, handle, since));
      }),
    );
  });

  it("a record has ended as soon as nothing in it matters, and not before", () => {
    fc.assert(
      fc.property(row, (subject) => {
        fc.pre(!format.isEmpty(subject));
        const end = format.expiresAt(subject);
        const isEmptyAt = (time: number): boolean => {
          const later = formatOf(clock(time));
          return later.isEmpty(later.prune(subject));
        };
        expect(isEmptyAt(end)).toBe(true);
        expect(isEmptyAt(end - 1)).toBe(false);
      }),
    );
  });
});

describe("L7: a revocation of all but one", () => {
  it("a revocation of all but one ends every session and every log-in that had begun, and only those", () => {
    const except = fc.option(handle, { nil: undefined });
    fc.assert(
      fc.property(row, at, except, handle, at, (subject, now, except, handle, since) => {
        const after = revokeAll(subject, now, except);
        const known = subject.entries.some((each) => each.handle === handle);
        const revoked = isRevoked(after, handle, since);
        if (handle === except) expect(revoked).toBe(isRevoked(subject, handle, since));
        else if (known) expect(revoked).toBe(true);
        else expect(revoked).toBe(since < Math.max(now, subject.notBefore + 1));
      }),
    );
  });

  it("a revocation of all but one never takes back an earlier one", () => {
    const except = fc.option(handle, { nil: undefined });
    fc.assert(
      fc.property(row, at, except, handle, at, (subject, now, except, handle, since) => {
        fc.pre(isRevoked(subject, handle, since));
        expect(isRevoked(revokeAll(subject, now, except), handle, since)).toBe(true);
      }),
    );
  });
});

describe("the order of a subject's sessions", () => {
  it("a subject's sessions come newest first, in whatever order they were stored", () => {
    const list = fc.uniqueArray(entry, { selector: (each) => each.handle });
    fc.assert(
      fc.property(list, fc.infiniteStream(fc.nat()), (entries, keys) => {
        const shuffled = entries
          .map((each) => [keys.next().value, each] as const)
          .sort(([a], [b]) => a - b)
          .map(([, each]) => each);
        const sorted = newestFirst(entries);
        expect(newestFirst(shuffled)).toEqual(sorted);
        const times = sorted.map(({ since }) => since);
        expect(times).toEqual(times.toSorted((a, b) => b - a));
      }),
    );
  });
});
