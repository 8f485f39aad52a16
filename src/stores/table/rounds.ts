/**
 * The tokens that `renewEvery` has issued, by rounds. The requests of a page find the next token due together, and each
 * gets one, so that nobody can take the only one and keep it. The functions take values and give values.
 */

/** The most rounds that wait to be presented. The answers that carry their tokens may be late, or be lost. */
const MOST_ROUNDS = 4;
/** The most tokens of one round. */
const MOST_IN_ROUND = 8;

/** The tokens that `renewEvery` has issued, and that no browser has presented, the newest first. */
export interface Next {
  readonly digests: readonly string[];
  /** When the newest round began. */
  readonly issuedAt: number;
  /** How many tokens each round has, the newest first; absent if a version from before the rounds has written them. */
  readonly rounds?: readonly number[] | undefined;
  /** Whether the oldest round is that of the token in force. Then its other tokens are still on their way. */
  readonly presented?: true | undefined;
}

type Round = readonly string[];

/**
 * Whether a round has ended, so that a request which is due begins another one.
 * @param grace milliseconds that a round lasts
 */
export function isRoundOver(next: Next | undefined, now: number, grace: number): boolean {
  return !next || now >= next.issuedAt + grace || unpresentedRounds(next) === 0;
}

/** Whether the newest round has a token left for a request that is due. */
export function hasRoom(next: Next): boolean {
  const [newest = []] = roundsOf(next);
  return newest.length < MOST_IN_ROUND;
}

/** How many rounds have brought nothing: no browser has presented any of their tokens. */
export function unpresentedRounds(next: Next | undefined): number {
  return next ? roundsOf(next).length - (next.presented ? 1 : 0) : 0;
}

/** Whether a round that begins now is the fourth one, or a later one, and none before it was presented. */
export function isOverdue(next: Next | undefined): boolean {
  return unpresentedRounds(next) >= MOST_ROUNDS - 1;
}

/** Adds a token. Those that were issued before keep their rights, because they may have arrived. */
export function issue(next: Next | undefined, digest: string, now: number, grace: number): Next {
  const rounds = next ? roundsOf(next) : [];
  const [newest = [], ...older] = rounds;
  if (next && !isRoundOver(next, now, grace)) {
    return pack([[digest, ...newest], ...older], next.issuedAt, next.presented);
  }
  const own = next?.presented ? rounds.slice(-1) : [];
  const waiting = rounds.slice(0, rounds.length - own.length);
  const kept = [[digest], ...waiting].slice(0, MOST_ROUNDS);
  return pack([...kept, ...own], now, next?.presented);
}

/**
 * Takes a token out, because a browser has presented it. The other tokens of its round stay: the answers of one page
 * arrive in any order, and the browser keeps the one that arrives last.
 * @returns what is left, and the tokens of earlier rounds
 */
export function present(
  next: Next,
  digest: string,
): { readonly next: Next | undefined; readonly older: Round } {
  const rounds = roundsOf(next);
  const at = rounds.findIndex((round) => round.includes(digest));
  const round = rounds[at] ?? [];
  const presented = round.indexOf(digest);
  const siblings = round.filter((_, index) => index !== presented);
  const left = [...rounds.slice(0, at), ...(siblings.length > 0 ? [siblings] : [])];
  const older = rounds.slice(at + 1).flat();
  if (left.length === 0) return { next: undefined, older };
  return { next: pack(left, next.issuedAt, siblings.length > 0 ? true : undefined), older };
}

/**
 * Gives the rounds. A version from before the rounds names none, or has cut the list of tokens: then what it left
 * counts as few rounds, so that no session is judged by a number that nobody has counted.
 */
function roundsOf({ digests, rounds = [digests.length] }: Next): readonly Round[] {
  const found: Round[] = [];
  let at = 0;
  for (const size of rounds) {
    const round = digests.slice(at, at + size);
    if (round.length > 0) found.push(round);
    at += size;
  }
  if (at < digests.length) found.push(digests.slice(at));
  return found;
}

function pack(rounds: readonly Round[], issuedAt: number, presented: true | undefined): Next {
  return {
    digests: rounds.flat(),
    issuedAt,
    rounds: rounds.map((round) => round.length),
    ...(presented && { presented }),
  };
}
