import { withoutData } from "./_database-error.ts";

const TRIES = 10;

/**
 * Runs a statement, and again if the server has undone it because of another one.
 * @param isUndone whether an error says so
 * @throws the error of the last try, without what may be data
 */
export async function runAgain<T>(
  statement: () => Promise<T>,
  isUndone: (error: unknown) => boolean,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await statement();
    } catch (error) {
      if (tries === TRIES || !isUndone(error)) throw withoutData(error);
    }
  }
}
