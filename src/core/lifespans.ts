import { describe, usageError } from "./errors.ts";
import { readNumber } from "./numbers.ts";
import type { OwnLifetime, SessionRecord } from "./store.ts";

/** Requests that only read move the idle deadline at most once in this interval, in milliseconds. */
const LONGEST_TOUCH_INTERVAL = 5 * 60 * 1000;

/** How long one session lives, in milliseconds. */
export interface Lifespan {
  /** The time that it lives without being looked at. */
  readonly idle: number;
  /** The time that it lives at most. */
  readonly absolute: number;
  /** The time between two touches. */
  readonly touchInterval: number;
}

/** The part of a record that says how long its session lives. */
type Lived = Pick<SessionRecord, "createdAt" | "lifetime" | "endsAt">;

/** Gives each session its lifetime: its own one, or that of the options. */
export class Lifespans {
  /**
   * The most milliseconds that any session may live. Whatever ends or lists sessions is kept as long, because a session
   * may get a longer lifetime after it was listed.
   */
  readonly longest: number;
  readonly #default: Lifespan;

  constructor({ idle, absolute, longest }: Omit<Lifespan, "touchInterval"> & { longest: number }) {
    this.longest = longest;
    this.#default = lifespan(idle, absolute);
  }

  /** How long this session lives, or a new one without a lifetime of its own. */
  of(record: Pick<SessionRecord, "lifetime"> | undefined): Lifespan {
    const own = record?.lifetime;
    if (!own) return this.#default;
    const { idle = this.#default.idle, absolute = this.#default.absolute } = own;
    // A deployment may have lowered `longest` since.
    return lifespan(idle, Math.min(absolute, this.longest));
  }

  /** The absolute deadline, in milliseconds since the epoch. */
  endOf(record: Lived): number {
    const { createdAt, endsAt = Infinity } = record;
    return Math.min(createdAt + this.of(record).absolute, endsAt);
  }

  /**
   * Reads the lifetime that a request gives to its session, in seconds.
   * @throws ERR_SESSION_USE if it is none, or longer than any session may live
   */
  readOwn(given: unknown): OwnLifetime {
    if (typeof given !== "object" || given === null) throw notALifetime(describe(given));
    const { idle, absolute, ...others } = given as { readonly [name: string]: unknown };
    const [other] = Object.keys(others);
    if (other !== undefined) throw notALifetime(`also ${describe(other)}`);
    const own = {
      idle: this.#seconds("idle", idle),
      absolute: this.#seconds("absolute", absolute),
    };
    const { absolute: most = this.#default.absolute } = own;
    if (own.idle !== undefined && own.idle > most) {
      throw usageError(
        `lifetime.idle (${own.idle / 1000} seconds) would never end this session: its absolute timeout is ` +
          `${most / 1000}; give a longer absolute`,
      );
    }
    return own;
  }

  #seconds(name: string, given: unknown): number | undefined {
    if (given === undefined) return undefined;
    const most = this.longest / 1000;
    const seconds = readNumber(`lifetime.${name}`, given, {
      fallback: 0,
      least: 1,
      most,
      unit: "seconds",
      fail: (message) =>
        usageError(
          `${message}; the option lifetime.longest (now ${most}) says how long one may live`,
        ),
    });
    return seconds * 1000;
  }
}

function lifespan(idle: number, absolute: number): Lifespan {
  return { idle, absolute, touchInterval: Math.min(idle / 10, LONGEST_TOUCH_INTERVAL) };
}

function notALifetime(found: string): Error {
  return usageError(`configure("lifetime") takes { idle, absolute } in seconds; got ${found}`);
}
