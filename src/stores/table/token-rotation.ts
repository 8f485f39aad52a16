/** The changes of a session's token. The functions take rows and give rows; only the new token is drawn at random. */
import type { ChangedRecord, Saved, SessionChange, StoreContext } from "../../core/store.ts";
import { endsData } from "../../core/subject/carry.ts";
import { signInOf } from "../../core/subject/signed-in-at.ts";
import { hasFullRights } from "../../core/token-status.ts";
import type { TokenStatus } from "../../core/token-status.ts";
import type { FreshToken, PresentedToken } from "../../crypto/token.ts";
import type { FoundRow } from "./found-row.ts";
import type { LoadedRow, TableStoreParts } from "./parts.ts";
import { hasRoom, isOverdue, isRoundOver, issue, present } from "./rounds.ts";
import type { Row } from "./row.ts";
import type { ReadToken } from "./tokens.ts";

/** The most tokens without any right that a row still knows. */
const MOST_FORMER = 8;

/** Draws another token for a session. */
type DrawToken = (handle: string) => FreshToken;

/** A row to write, and the cookie that belongs to it. */
export interface Rotated {
  readonly row: Row;
  /** The new cookie, if there is one. */
  readonly cookie: string | undefined;
  readonly rotation: Saved["rotation"];
}

/**
 * Gives the row that a change of the record writes, and the cookie for the browser.
 * @param subject the subject of the row before
 */
export function changeTokens(
  { content, status }: FoundRow,
  { context, tokens }: Pick<TableStoreParts, "context" | "tokens">,
  { token, cookie }: LoadedRow,
  subject: string | undefined,
  record: ChangedRecord,
  { renew, isGone }: SessionChange,
): Rotated {
  if (renew) {
    const fresh = tokens.draw(token.handle);
    const row = renewRow(content, subject, record, fresh, context);
    return { row, cookie: fresh.cookie, rotation: undefined };
  }
  const before = { ...content, record };
  const rotated = rotateRow(token, before, status, context, tokens.draw, isGone);
  // The request's cookie is that of a previous token, and must not replace the cookie that has arrived since.
  const mine = status === "previous" ? undefined : cookie;
  return { ...rotated, cookie: rotated.cookie ?? renewedCookie(token, status, isGone) ?? mine };
}

/** The same token with the authenticator of the first secret, if the browser's cookie has another one. */
export function renewedCookie(
  token: ReadToken,
  status: TokenStatus,
  isGone: () => boolean,
): string | undefined {
  if (token.renewedCookie === undefined || status === "previous" || isGone()) return undefined;
  return token.renewedCookie;
}

/**
 * Gives the row after a renewal that was asked for. For `renewGrace`, every token with a right to the session may read
 * what it could read before, unless that was another subject's.
 * @param subject the subject of the row before
 */
export function renewRow(
  before: Row,
  subject: string | undefined,
  record: ChangedRecord,
  fresh: FreshToken,
  { now, renewGrace, renewEvery }: StoreContext,
): Row {
  const time = now();
  const keepsData = !endsData(subject, record.subject);
  const previous =
    before.retired?.full && time < before.retired.until ? before.retired.digests : [];
  const retired = {
    digests: [...activeDigests(before), ...previous],
    until: time + renewGrace,
    ...(before.record.id !== undefined && { id: before.record.id }),
    // A copied cookie must not look as if its user had signed in just now.
    ...(before.record.signedInAt !== record.signedInAt && { signedInAt: signInOf(before.record) }),
    ...(renewEvery !== undefined && formerOf(before, previous)),
  };
  return {
    ...kept(before),
    // What a later version keeps of a subject ends with it: the next one must not have its rights.
    unknown: keepsData ? before.unknown : undefined,
    record,
    digest: fresh.digest,
    renewedAt: time,
    retired: keepsData ? { ...retired, data: before.record.data } : retired,
  };
}

/**
 * Whether `renewEvery` must change this row: the next token is due, or a browser has presented an issued one for the
 * first time. If a browser presents two tokens, the second one waits until those before the first have had their grace.
 */
export function isRotationDue(row: Row, status: TokenStatus, context: StoreContext): boolean {
  if (status === "issued") return !row.retired || context.now() >= row.retired.until;
  return isIssueDue(row, status, context);
}

/** Whether this request gets a next token. In each round there is one for eight requests. */
function isIssueDue(row: Row, status: TokenStatus, context: StoreContext): boolean {
  const { renewEvery, renewGrace, now } = context;
  if (renewEvery === undefined || status !== "current") return false;
  const time = now();
  if (time < (row.renewedAt ?? row.record.createdAt) + renewEvery) return false;
  return !row.next || isRoundOver(row.next, time, renewGrace) || hasRoom(row.next);
}

/**
 * Whether the session must end instead: the option says so, and the tokens of three rounds in a row have reached nobody,
 * or somebody who keeps them back.
 */
export function endsUnpresented(row: Row, status: TokenStatus, context: StoreContext): boolean {
  return context.endUnpresented && isOverdueAt(row, status, context);
}

/** Whether this request begins a fourth round, or a later one, and none before it was presented. */
function isOverdueAt(row: Row, status: TokenStatus, context: StoreContext): boolean {
  const { now, renewGrace } = context;
  if (!isOverdue(row.next) || !isIssueDue(row, status, context)) return false;
  return isRoundOver(row.next, now(), renewGrace);
}

/**
 * Gives the row to write: with the change that `renewEvery` makes to its tokens, if one is due, and without what nobody
 * can read any more.
 * @param isGone whether the client has gone, so that no browser would get a new token
 */
export function rotateRow(
  presented: PresentedToken,
  before: Row,
  status: TokenStatus,
  context: StoreContext,
  draw: DrawToken,
  isGone: () => boolean,
): Rotated {
  if (!hasFullRights(status)) return { row: before, cookie: undefined, rotation: undefined };
  const row = withoutDeadSnapshot(before, context.now());
  if (isRotationDue(row, status, context)) {
    if (status === "issued") {
      return {
        row: promoteIssued(presented, row, context),
        cookie: undefined,
        rotation: "presented",
      };
    }
    if (!isGone()) {
      const rotation = isOverdueAt(row, status, context) ? "unpresented" : "issued";
      return { ...issueNext(presented, row, context, draw), rotation };
    }
  }
  return { row, cookie: undefined, rotation: undefined };
}

/**
 * The row without its snapshot, if no token may read that any more. Otherwise data that the application has deleted
 * would stay in the table for as long as the session lives.
 */
function withoutDeadSnapshot(row: Row, now: number): Row {
  if (!row.retired?.data || now < row.retired.until) return row;
  const { data: _, ...retired } = row.retired;
  return { ...row, retired };
}

/** Whether this token had every right while its grace lasted, and the grace is over. */
export function hasOutlivedGrace({ retired }: Row, status: TokenStatus, now: number): boolean {
  return status === "previous" && now >= (retired?.until ?? 0);
}

/** Makes an issued token the current one, because a browser has presented it. The tokens before it get their grace. */
function promoteIssued(
  { digest }: PresentedToken,
  row: Row,
  { now, renewGrace }: StoreContext,
): Row {
  const time = now();
  const { next, older = [] } = row.next ? present(row.next, digest) : {};
  const retired = {
    digests: [row.digest, ...older],
    until: time + renewGrace,
    full: true,
    ...formerOf(row),
  } as const;
  return { ...kept(row), record: row.record, digest, renewedAt: time, next, retired };
}

/** Issues the next token. */
function issueNext(
  { handle }: PresentedToken,
  row: Row,
  { now, renewGrace }: StoreContext,
  draw: DrawToken,
): Omit<Rotated, "rotation"> {
  const fresh = draw(handle);
  const next = issue(row.next, fresh.digest, now(), renewGrace);
  return { row: { ...row, next }, cookie: fresh.cookie };
}

/**
 * Gives the tokens that have lost every right, as far as the row still knows them.
 * @param previous those of them that have a right again, or still
 */
function formerOf(
  { retired }: Row,
  previous: readonly string[] = [],
): { readonly former?: readonly string[] } {
  const known = [...(retired?.digests ?? []), ...(retired?.former ?? [])];
  const former = known.filter((digest) => !previous.includes(digest)).slice(0, MOST_FORMER);
  return former.length === 0 ? {} : { former };
}

/** Gives the tokens that may do everything as long as the session lives. */
function activeDigests({ digest, next }: Row): readonly string[] {
  return [digest, ...(next?.digests ?? [])];
}

/** What a row says beside the record and its tokens. */
function kept({ replaced, unknown }: Row): Pick<Row, "replaced" | "unknown"> {
  return { replaced, unknown };
}
