import { usageError } from "../errors.ts";
import type { SessionError } from "../errors.ts";

/*
 * In other libraries `req.session.user_id = id` stores, and `req.session = null` logs out. Here both would be
 * lost in silence, so they throw, also in sloppy mode.
 */

/** What is assigned to a name that no session has arrives here, at the end of the prototype chain. */
const GUARD: object = new Proxy(Object.create(Object.prototype) as object, {
  set(_target, name): never {
    throw assigned(String(name));
  },
});

/** Makes instances of a class refuse assignments: of its own methods, and of any other name. */
export function refuseAssignments(prototype: object): void {
  for (const name of Object.getOwnPropertyNames(prototype)) {
    if (name === "constructor") continue;
    const own = Object.getOwnPropertyDescriptor(prototype, name);
    const method: unknown = own?.value;
    Object.defineProperty(prototype, name, {
      // oxlint-disable-next-line typescript/unbound-method -- a getter is called on its instance
      get: own?.get ?? ((): unknown => method),
      set() {
        throw assigned(name);
      },
    });
  }
  Object.setPrototypeOf(prototype, GUARD);
}

function assigned(name: string): SessionError {
  return usageError(
    `session.${name} = … stores nothing; use putSession(conn, "${name}", value) or session.put("${name}", value)`,
  );
}

/** What is thrown for `req.session = …`, which logs out or replaces the session in other libraries. */
export function assignedSession(name: string): SessionError {
  return usageError(
    `assigning to request.${name} does nothing here; dropSession(conn) or session.drop() logs out, put stores`,
  );
}
