import { SessionError } from "./errors.ts";

/**
 * The end of a session's prototype chain: what is assigned to a name that no session has arrives here.
 *
 * In other libraries `req.session.user_id = id` stores. Here it would be lost in silence, so it throws,
 * also in sloppy mode. At the end of the chain it costs nothing: methods are found before it.
 */
export const REFUSE_ASSIGNMENT: object = new Proxy(Object.create(Object.prototype) as object, {
  set(_target, property): never {
    const name = String(property);
    throw new SessionError(
      "ERR_SESSION_USE",
      `session.${name} = … stores nothing; use putSession(conn, "${name}", value) or session.put("${name}", value)`,
    );
  },
});

/** What is thrown for `req.session = …`, which logs out or replaces the session in other libraries. */
export function assignedSession(name: string): SessionError {
  return new SessionError(
    "ERR_SESSION_USE",
    `assigning to request.${name} does nothing here; dropSession(conn) or session.drop() logs out, put stores`,
  );
}
