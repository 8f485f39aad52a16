/**
 * Gives the error for an answer that does not bear the key of its question. To believe it would show a session as
 * missing, or show another one, because something else on the connection has failed. The store takes the error for a
 * lost answer.
 */
export function anotherQuestion(): Error {
  return new Error("the database has answered another question");
}
