/**
 * The codes with which Redis says that a script has done nothing. Each script looks at its row before its first write,
 * and all but the last two codes come from that write. So the row was as the write expects, and the write was not made
 * before either, by a client that has sent it twice. The last two stand for the whole script.
 *
 * `LOADING`, `BUSY`, `MASTERDOWN` and `CLUSTERDOWN` are no refusals: a client that sends again by itself gets them for the
 * second time, also where the server carried out the first. Rights that a command inside the script lacks have no code,
 * and an earlier command of that script may have run.
 */
const CODES = "OOM|READONLY|MISCONF|NOREPLICAS|NOPERM|NOAUTH";

/** Before Redis 7 the code of a command stands in the error of its script. */
const REFUSAL = new RegExp(`^(?:ERR Error running script \\(call to \\w+\\): .*: -)?(?:${CODES}) `);

/** Whether an error of a client says that the server has done nothing. */
export function isRefusal(error: unknown): boolean {
  return error instanceof Error && REFUSAL.test(error.message);
}
