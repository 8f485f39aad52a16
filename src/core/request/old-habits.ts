/**
 * In other libraries `req.session.user = x` stores, `delete req.session.user` logs out, and `req.session.user` reads.
 * Here all three would have no effect. So the application's session object throws, and the error names our word.
 */
import { usageError } from "../errors.ts";
import type { SessionError } from "../errors.ts";
import { warnOnce } from "../warn.ts";

/** Names that applications of other libraries read, and our word for each. Other names read `undefined`. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  user: 'get("user")',
  userId: 'get("userId")',
  cookie: "configure(name, value) for its attributes",
  destroy: "drop()",
  regenerate: "renew(), or drop() and then put",
  save: "nothing: the session is committed before the response leaves",
  reload: "nothing: each request reads the session anew",
  touch: "nothing: a session that is used lives on",
  resetMaxAge: "nothing: a session that is used lives on",
  isNew: "handle, which is undefined until the session is stored",
  isChanged: "nothing: only changes are written",
  isPopulated: "get(), which gives all data",
  set: "put(key, value)",
  unset: "delete(key)",
  clear: "drop(), or delete(key) for each key",
};

const HANDLER: ProxyHandler<never> = {
  get(target, name, receiver) {
    if (typeof name === "string" && Object.hasOwn(ELSEWHERE, name) && !(name in target)) {
      throw usageError(`session.${name} is not known here; use session.${ELSEWHERE[name]}`);
    }
    return Reflect.get(target, name, receiver) as unknown;
  },
  set(_target, name) {
    throw assigned(String(name));
  },
  defineProperty(_target, name) {
    throw assigned(String(name));
  },
  deleteProperty(_target, name) {
    throw usageError(
      `delete session.${String(name)} deletes nothing; use deleteSession(conn, "${String(name)}") or ` +
        `session.delete("${String(name)}"); dropSession(conn) or session.drop() logs out`,
    );
  },
  // An empty object gives the same, so that code that inspects any object, such as a test matcher, does not fail.
  ownKeys() {
    warnOnce(
      "SOJOURN_SESSION_KEYS",
      "Object.keys and JSON.stringify see no data in a session; session.get() gives it",
    );
    return [];
  },
  getOwnPropertyDescriptor: () => undefined,
};

/** Wraps the session for the application. */
export function guardOldHabits<T extends object>(session: T): T {
  return new Proxy(session, HANDLER);
}

function assigned(name: string): SessionError {
  return usageError(
    `session.${name} = … stores nothing; use putSession(conn, "${name}", value) or session.put("${name}", value)`,
  );
}

/** Makes the error for `req.session = …`, with which other libraries log out or replace the session. */
export function assignedSession(name: string): SessionError {
  return usageError(
    `assigning to request.${name} does nothing here; dropSession(conn) or session.drop() logs out, put stores`,
  );
}
