import { attach, attached } from "../core/conn.ts";
import { configError } from "../core/errors.ts";
import { assignedSession } from "../core/habits.ts";
import type { RequestSession } from "../core/session.ts";

/** Puts a session on requests under one property name. */
export interface Property {
  set(request: object, session: RequestSession): void;
}

/** Marks our accessor of a property name. */
const marks = new Map<string, symbol>();

/**
 * The property `name` of a host's requests. It is an accessor, which the application's request prototype gets
 * once: assigning to it, which logs out or replaces the session in other libraries, throws.
 *
 * `prototypeOf` gives the object that carries the accessor for this request: a prototype that belongs to one
 * application, or the request itself.
 */
export function createProperty(name: string, prototypeOf: (request: object) => object): Property {
  const mark = marks.get(name) ?? Symbol(name);
  marks.set(name, mark);
  return {
    set(request, session) {
      const before = attached(request, name);
      if (before !== undefined && before !== session) throw taken(name);
      if (!(mark in request)) {
        if (name in request) throw taken(name);
        define(prototypeOf(request), name, mark);
      } else if (Object.hasOwn(request, name) && !Object.hasOwn(request, mark)) {
        throw taken(name);
      }
      if (!before) attach(request, name, session);
    },
  };
}

function define(target: object, name: string, mark: symbol): void {
  Object.defineProperty(target, mark, { value: true });
  Object.defineProperty(target, name, {
    configurable: true,
    get(this: object) {
      return attached(this, name);
    },
    set(this: object, value: unknown) {
      if (attached(this, name)) throw assignedSession(name);
      // A request that no filter of ours has seen: another library's own business.
      Object.defineProperty(this, name, {
        value,
        writable: true,
        enumerable: true,
        configurable: true,
      });
    },
  });
}

function taken(name: string): Error {
  return configError(
    `request.${name} is taken by another library or a second filter; use session(sessions, { as: "…" })`,
  );
}
