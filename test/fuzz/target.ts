import { readOptions } from "../../src/core/options/read-options.ts";
import type { ResolvedOptions } from "../../src/core/options/read-options.ts";
import { HostSession } from "../../src/core/request/host-session.ts";
import type { Refusal } from "../../src/core/events.ts";
import type { SessionBackend, SessionStore } from "../../src/core/store.ts";
import { loneRequest } from "../support/lone-request.ts";
import { NOW } from "./issued.ts";
import type { Cookies, Issued } from "./issued.ts";
import { openNow } from "../support/stores/open-now.ts";
import { wrapStore } from "../support/stores/wrap-store.ts";

/** The most cookies of one name that a request may make a store open. */
const MOST_OPENINGS = 4;
/** Longer cookies are no browser's: nothing is deciphered. */
const LONGEST = 4096;

/** What came of one input. */
export interface Result {
  /** What it did that it must not. */
  readonly fault: string | undefined;
  /** The handle of the session that it opened, as it must. */
  readonly opened: string | undefined;
  /** How often the store was asked to open a cookie. */
  readonly openings: number;
}

/** A store under one cookie name, all that may open there, and a second opinion on what an input must do. */
export class Target {
  readonly title: string;
  readonly #name: string;
  readonly #settings: ResolvedOptions;
  readonly #backend: SessionBackend;
  readonly #issued: ReadonlyMap<string, Issued>;
  #openings = 0;

  /** @param cookies all that the store may open under this name */
  constructor(title: string, name: string, store: SessionStore, cookies: readonly Cookies[]) {
    this.title = `${title}, cookies called ${name}`;
    this.#name = name;
    const issued = cookies.flatMap((each) => each.issued);
    this.#issued = new Map(issued.map((each) => [each.value, each]));
    const watched = wrapStore(store, (backend) => ({
      create: (change) => backend.create(change),
      find: (cookie) => {
        this.#openings++;
        return backend.find(cookie);
      },
    }));
    this.#settings = readOptions({ store: watched, key: name, now: () => NOW });
    this.#backend = this.#settings.backend;
  }

  /** A whole request with this Cookie header, whose handler reads the session. */
  offerHeader(header: string, countRefusals: () => number): Result {
    const values = valuesOf(header, this.#name);
    const expected = this.#expect(values);
    this.#openings = 0;
    const before = countRefusals();
    const session = new HostSession(this.#settings, loneRequest(header));
    const fetching = session.fetch();
    const { user } = session.exposed.get() as { readonly user?: unknown };
    const { handle } = session.exposed;
    const outcome = expected ? undefined : session.commit();
    const openings = this.#openings;
    const refused = countRefusals() > before;

    const fault = faultOf([
      [fetching !== undefined, "made a promise of a store that answers at once"],
      [user !== expected?.user || handle !== expected?.handle, `opened ${String(user)}`],
      [openings > MOST_OPENINGS, `asked the store ${openings} times`],
      [openings !== (values.length > MOST_OPENINGS ? 0 : values.length), "overlooked a cookie"],
      [values.length === 0 && refused, "refused what is not ours"],
      [values.length > 0 && !expected && !refused, "refused without an event"],
      [outcome !== undefined && "then" in outcome, "wrote to the store"],
      [
        outcome !== undefined && "setCookie" in outcome && outcome.setCookie !== undefined,
        "answered with a cookie",
      ],
    ]);
    return { fault, opened: expected?.handle, openings };
  }

  /** One value, as if a header could hold it. Gives also why it was refused. */
  offerValue(value: string): Result & { readonly refusal: Refusal | undefined } {
    const expected = this.#issued.get(value);
    const result = openNow(this.#backend, value, NOW);
    const refusal = "refused" in result ? result.refused : undefined;
    const found = "record" in result ? result : undefined;
    const fault = faultOf([
      [!refusal && !found, "made a promise of a store that answers at once"],
      [
        found?.record.data["user"] !== expected?.user || found?.handle !== expected?.handle,
        `opened ${String(found?.record.data["user"])}`,
      ],
      [value.length > LONGEST && refusal !== "malformed", "looked into more than 4096 characters"],
    ]);
    return { fault, opened: expected?.handle, openings: 1, refusal };
  }

  #expect(values: readonly string[]): Issued | undefined {
    if (values.length > MOST_OPENINGS) return undefined;
    const found = values
      .flatMap((value) => this.#issued.get(value) ?? [])
      .filter(({ over }) => !over);
    if (new Set(found.map(({ handle }) => handle)).size > 1) return undefined;
    const highest = Math.max(...found.map(({ rank }) => rank));
    return found.find(({ rank }) => rank === highest);
  }
}

/** The cookies of a name, read in another way than the code under test does. */
function valuesOf(header: string, name: string): string[] {
  return header.split(";").flatMap((part) => {
    const [before = "", ...after] = part.split("=");
    return after.length > 0 && trim(before) === name ? [bare(trim(after.join("=")))] : [];
  });
}

/** Without the pair of quotes in which Java's clients put a value. */
function bare(text: string): string {
  return /^"(.*)"$/s.exec(text)?.[1] ?? text;
}

/** Without the white space of RFC 6265bis 5.6: spaces and tabs. */
function trim(text: string): string {
  return /^[ \t]*(.*?)[ \t]*$/s.exec(text)?.[1] ?? "";
}

function faultOf(faults: readonly (readonly [found: boolean, what: string])[]): string | undefined {
  return faults.find(([found]) => found)?.[1];
}
