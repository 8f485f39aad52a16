import { configError } from "../core/errors.ts";
import { assignedSession } from "../core/habits.ts";
import type { RequestSession } from "../core/session.ts";

/** Puts a session on requests under one property name. */
export interface Property {
  set(request: object, session: RequestSession): void;
}

type Slots = { [slot: symbol]: RequestSession | undefined };

/** One slot per property name, so that several filters of one application share an accessor. */
const slots = new Map<string, symbol>();

/**
 * The property `name` of a host's requests. It is an accessor, which the applications's request prototype
 * gets once: assigning to it, which logs out or replaces the session in other libraries, throws.
 *
 * `prototypeOf` gives the object that carries the accessor for this request: a prototype that belongs to
 * one application, or the request itself.
 */
export function createProperty(name: string, prototypeOf: (request: object) => object): Property {
  const slot = slots.get(name) ?? Symbol(name);
  slots.set(name, slot);
  return {
    set(request, session) {
      const carrier = request as Slots;
      if (carrier[slot] !== undefined) throw taken(name);
      if (!(slot in request)) {
        if (name in request) throw taken(name);
        define(prototypeOf(request), name, slot);
      } else if (Object.hasOwn(request, name)) {
        throw taken(name);
      }
      carrier[slot] = session;
    },
  };
}

function define(target: object, name: string, slot: symbol): void {
  Object.defineProperty(target, slot, { value: undefined, writable: true });
  Object.defineProperty(target, name, {
    configurable: true,
    get(this: Slots) {
      return this[slot];
    },
    set(this: Slots, value: unknown) {
      if (this[slot]) throw assignedSession(name);
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
