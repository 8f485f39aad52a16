import { andThen, together } from "../awaitable.ts";
import type { Awaitable } from "../awaitable.ts";
import type { FoundSession, ListedSession, SessionBackend, SubjectSessions } from "../store.ts";

/** Why a cookie may be the other store's: this one has not made it, or has no row of it. */
const MAY_BE_THE_OTHERS: ReadonlySet<string> = new Set([
  "malformed",
  "forged",
  "unknown-format",
  "unknown",
]);

/**
 * Two stores under one cookie name, for the time of a move. A session stays where it was made until it ends, so that it
 * keeps what its store promises. New ones are made in the first store.
 */
export function twoStores(
  next: SessionBackend,
  before: SessionBackend,
  now: () => number,
): SessionBackend {
  const [nextForged, beforeForged] = [next.isForged, before.isForged];
  return {
    ...(nextForged &&
      beforeForged && {
        isForged: (cookie: string) => nextForged(cookie) && beforeForged(cookie),
      }),
    timeout: longest(next.timeout, before.timeout),
    find: (cookie, asked, share) =>
      andThen(next.find(cookie, asked, share), (found): Awaitable<FoundSession> => {
        const opened = found.open(now());
        if (!("refused" in opened) || !MAY_BE_THE_OTHERS.has(opened.refused)) return found;
        // What the request has asked the first store for its other cookies says nothing about this one.
        return andThen(before.find(cookie, undefined, share), (other): FoundSession => {
          const result = other.open(now());
          const isTheirs = !("refused" in result) || !MAY_BE_THE_OTHERS.has(result.refused);
          return isTheirs ? other : found;
        });
      }),
    create: (change, share) => next.create(change, share),
    adopt: (adoptee, share) => next.adopt?.(adoptee, share),
    forget: (unique) => next.forget?.(unique),
    subjects: subjectsOf(next.subjects, before.subjects),
    revokeBefore: revokeBeforeIn(next, before),
  };
}

function longest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined && b === undefined ? undefined : Math.max(a ?? 0, b ?? 0);
}

/** Only if both stores can: half of a revocation would be none. */
function revokeBeforeIn(
  next: SessionBackend,
  before: SessionBackend,
): SessionBackend["revokeBefore"] {
  if (!next.revokeBefore || !before.revokeBefore) return undefined;
  return (time) => all([next, before].map((store) => () => store.revokeBefore?.(time)));
}

/** Only if both stores keep something of a subject, for the same reason. */
function subjectsOf(
  next: SubjectSessions | undefined,
  before: SubjectSessions | undefined,
): SubjectSessions | undefined {
  if (!next || !before) return undefined;
  const [listNext, listBefore] = [next.list?.bind(next), before.list?.bind(before)];
  return {
    ...(listNext && {
      list: (subject: string, most: number) =>
        andThen(
          together(
            [listNext, ...(listBefore ? [listBefore] : [])].map(
              (list) => () => list(subject, most),
            ),
          ),
          (lists): readonly ListedSession[] => lists.flat().sort(newestFirst).slice(0, most),
        ),
    }),
    refusal: (logIn, ending) => next.refusal?.(logIn, ending),
    revoke: (subject, except) =>
      all([() => next.revoke(subject, except), () => before.revoke(subject, except)]),
    revokeOne: (subject, handle) =>
      all([() => next.revokeOne(subject, handle), () => before.revokeOne(subject, handle)]),
  };
}

function newestFirst({ record: a }: ListedSession, { record: b }: ListedSession): number {
  return (b.subjectSince ?? b.createdAt) - (a.subjectSince ?? a.createdAt);
}

/** Does each, whatever becomes of the others. @throws the first failure */
function all(tasks: readonly (() => Awaitable<void> | undefined)[]): Awaitable<void> {
  return andThen(together(tasks), () => undefined);
}
