import { configError } from "../core/errors.ts";
import { assignedSession } from "../core/habits.ts";
import type { RequestSession } from "../core/session.ts";

/** Puts a session on requests under one property name. */
export interface Property {
  set(request: object, session: RequestSession): void;
}

type Carrier = { [slot: symbol]: RequestSession | undefined };

/** Of one property name, whichever filter asks for it: where requests keep the session, and what marks our accessor. */
interface Place {
  readonly slot: symbol;
  readonly mark: symbol;
}

const places = new Map<string, Place>();

/**
 * The property `name` of a host's requests. It is an accessor, which the application's request prototype gets
 * once: assigning to it, which logs out or replaces the session in other libraries, throws.
 *
 * `prototypeOf` gives the object that carries the accessor for this request: a prototype that belongs to one
 * application, or the request itself.
 */
export function createProperty(name: string, prototypeOf: (request: object) => object): Property {
  const place = places.get(name) ?? { slot: Symbol(name), mark: Symbol(name) };
  places.set(name, place);
  const { slot, mark } = place;
  return {
    set(request, session) {
      const carrier = request as Carrier;
      if (carrier[slot] !== undefined && carrier[slot] !== session) throw taken(name);
      if (!(mark in request)) {
        if (name in request) throw taken(name);
        define(prototypeOf(request), name, place);
      } else if (Object.hasOwn(request, name) && !Object.hasOwn(request, mark)) {
        throw taken(name);
      }
      carrier[slot] = session;
    },
  };
}

function define(target: object, name: string, { slot, mark }: Place): void {
  Object.defineProperty(target, mark, { value: true });
  Object.defineProperty(target, name, {
    configurable: true,
    get(this: Carrier) {
      return this[slot];
    },
    set(this: Carrier, value: unknown) {
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
