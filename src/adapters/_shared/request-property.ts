import { findRequestState } from "../../core/request/attach.ts";
import type { RequestState } from "../../core/request/attach.ts";
import { configError } from "../../core/errors.ts";
import { assignedSession } from "../../core/request/old-habits.ts";
import type { HostSession } from "../../core/request/host-session.ts";

/** Puts a session on requests under one property name. */
export interface RequestProperty {
  /** @param state the state that the request carries for us */
  set(request: object, state: RequestState, session: HostSession): void;
}

/** Our accessor for one property name, and the prototypes that have it. */
interface Accessor {
  readonly descriptor: PropertyDescriptor;
  readonly prototypes: WeakSet<object>;
}

const accessors = new Map<string, Accessor>();

/**
 * Makes the property `name` of a host's requests. It is an accessor, which is put once on the application's request
 * prototype. An assignment to it throws, because other libraries replace the session or log out with it.
 *
 * `homeOf` gives the object that carries the accessor for this request: a prototype that belongs to one
 * application, or the request itself.
 */
export function createProperty(name: string, homeOf: (request: object) => object): RequestProperty {
  const accessor = accessors.get(name) ?? createAccessor(name);
  accessors.set(name, accessor);
  return {
    set(request, state, session) {
      const before = state.find(name);
      if (before !== undefined && before !== session) throw taken(name);
      const home = homeOf(request);
      if (!accessor.prototypes.has(home)) define(request, home, name, accessor);
      else if (Object.hasOwn(request, name)) throw taken(name);
      if (!before) state.add(name, session);
    },
  };
}

function define(request: object, home: object, name: string, accessor: Accessor): void {
  const { descriptor, prototypes } = accessor;
  if (!(name in request)) Object.defineProperty(home, name, descriptor);
  else if (descriptorOf(request, name)?.get !== descriptor.get) throw taken(name);
  if (home !== request) prototypes.add(home);
}

/** Finds the accessor, which a mounted application inherits from the application around it. */
function descriptorOf(object: object, name: string): PropertyDescriptor | undefined {
  const own = Object.getOwnPropertyDescriptor(object, name);
  if (own) return own;
  const prototype = Object.getPrototypeOf(object) as object | null;
  return prototype ? descriptorOf(prototype, name) : undefined;
}

function createAccessor(name: string): Accessor {
  const descriptor: PropertyDescriptor & ThisType<object> = {
    configurable: true,
    get() {
      return findRequestState(this)?.find(name)?.exposed;
    },
    set(value: unknown) {
      if (findRequestState(this)?.find(name)) throw assignedSession(name);
      // No middleware of ours has seen this request, so that the property belongs to another library.
      Object.defineProperty(this, name, {
        value,
        writable: true,
        enumerable: true,
        configurable: true,
      });
    },
  };
  return { descriptor, prototypes: new WeakSet() };
}

function taken(name: string): Error {
  return configError(
    `request.${name} is taken by another library or a second session middleware; use session(sessions, { as: "…" })`,
  );
}
