import { judged } from "./_database-error.ts";

const TRIES = 10;

/**
 * Runs a statement, and again if the server has undone it because of another one.
 * @param isUndone whether an error says so
 * @param isRefusal whether an error says that the server has done nothing for another reason
 * @throws the error of the last try, without what may be data
 */
export async function runAgain<T>(
  statement: () => Promise<T>,
  isUndone: (error: unknown) => boolean,
  isRefusal: (error: unknown) => boolean,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await statement();
    } catch (error) {
      if (tries === TRIES || !isUndone(error)) throw judged(error, isRefusal);
    }
  }
}
