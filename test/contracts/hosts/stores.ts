import { randomInt } from "node:crypto";
import process from "node:process";
import { setImmediate, setTimeout } from "node:timers/promises";
import { andThen } from "../../../src/core/awaitable.ts";
import type { Awaitable } from "../../../src/core/awaitable.ts";
import type {
  Refused,
  SessionStore,
  SessionTable,
  StoredSession,
} from "../../../src/core/store.ts";
import { newSecret } from "../../../src/crypto/secret.ts";
import { cookieStore } from "../../../src/stores/cookie/cookie-store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { confideRows } from "../../support/tables/confide-rows.ts";
import { confide } from "../../support/leaks.ts";
import { wrapStore } from "../../support/stores/wrap-store.ts";

/** One of the stores that every host is run with. */
export interface StoreKind {
  readonly name: string;
  /** Whether a table lies below it, and answers in a later turn. */
  readonly table: "none" | "at once" | "later";
  /** @param timeout seconds for one call of the table */
  readonly open: (timeout?: number) => Bench;
}

export interface Bench {
  readonly store: SessionStore;
  readonly calls: Calls;
  /** What lies below the store; `undefined` for a store without a table. */
  readonly table: SteeredTable | undefined;
}

/** How often the store was called. */
export class Calls {
  load = 0;
  create = 0;
  write = 0;
  touch = 0;
  drop = 0;

  get all(): number {
    return this.load + this.create + this.write + this.touch + this.drop;
  }
}

/** For tests that look at something that is the same with every store. */
export const sealedCookie: StoreKind = {
  name: "the sealed cookie",
  table: "none",
  open: () => benchOf(cookieStore({ secret: confide(newSecret()) })),
};

export const storeKinds: readonly StoreKind[] = [
  sealedCookie,
  {
    name: "a table that answers at once",
    table: "at once",
    open: (timeout) => openTable(false, timeout),
  },
  {
    name: "a table that answers later",
    table: "later",
    open: (timeout) => openTable(true, timeout),
  },
];

function openTable(later: boolean, timeout: number | undefined): Bench {
  const table = new SteeredTable(confideRows(createTable()), later);
  return benchOf(tableStore({ table, timeout }), table);
}

function benchOf(store: SessionStore, table?: SteeredTable): Bench {
  const calls = new Calls();
  return { store: counted(store, calls), calls, table };
}

/** A table whose trouble is the test's choice. */
export class SteeredTable implements SessionTable {
  readonly #later: boolean;
  /** What becomes of calls: a table can fail, or never answer. */
  reads: "answered" | "failing" | "hanging" = "answered";
  writes: "answered" | "failing" | "hanging" = "answered";
  /** Writes wait for it. */
  until: Promise<unknown> | undefined;
  /** Called when a write arrives. */
  onWrite: () => void = () => {};
  readonly #inner: SessionTable;

  constructor(inner: SessionTable, later: boolean) {
    this.#inner = inner;
    this.#later = later;
  }

  get(...args: Parameters<SessionTable["get"]>): ReturnType<SessionTable["get"]> {
    return this.#call(this.reads, () => this.#inner.get(...args));
  }

  insert(...args: Parameters<SessionTable["insert"]>): ReturnType<SessionTable["insert"]> {
    return this.#write(() => this.#inner.insert(...args));
  }

  replace(...args: Parameters<SessionTable["replace"]>): ReturnType<SessionTable["replace"]> {
    return this.#write(() => this.#inner.replace(...args));
  }

  touch(...args: Parameters<SessionTable["touch"]>): ReturnType<SessionTable["touch"]> {
    return this.#write(() => this.#inner.touch(...args));
  }

  delete(...args: Parameters<SessionTable["delete"]>): ReturnType<SessionTable["delete"]> {
    return this.#write(() => this.#inner.delete(...args));
  }

  #write<T>(call: () => Awaitable<T>): Awaitable<T> {
    this.onWrite();
    return this.until
      ? this.until.then(() => this.#call(this.writes, call))
      : this.#call(this.writes, call);
  }

  #call<T>(how: SteeredTable["reads"], call: () => Awaitable<T>): Awaitable<T> {
    if (how === "hanging") return new Promise(() => {});
    const answer = (): Awaitable<T> => {
      if (how === "failing") throw new Error("connection refused");
      return call();
    };
    if (!this.#later) return answer();
    return later().then(answer);
  }
}

/** Milliseconds after which a table answers, if `SOJOURN_LATENCY` asks for a database over a network. */
const [LEAST, MOST] = [2, 25];

/**
 * A later turn, in which a table answers: the next one, or one after 2 to 25 milliseconds, so that requests, streams and
 * timers of the host have their turn in between.
 */
export async function later(which: "any" | "longest" = "any"): Promise<void> {
  if (!process.env["SOJOURN_LATENCY"]) await setImmediate();
  else await setTimeout(which === "longest" ? MOST : randomInt(LEAST, MOST + 1));
}

/** The same store, with its calls counted. */
function counted(store: SessionStore, calls: Calls): SessionStore {
  const counting = (stored: StoredSession): StoredSession => ({
    handle: stored.handle,
    id: stored.id,
    record: stored.record,
    status: stored.status,
    refresh: stored.refresh,
    write(change) {
      calls.write += 1;
      return stored.write(change);
    },
    touch(touch) {
      calls.touch += 1;
      return stored.touch(touch);
    },
    drop(subject) {
      calls.drop += 1;
      return stored.drop(subject);
    },
  });
  const opened = (result: StoredSession | Refused): StoredSession | Refused =>
    "refused" in result ? result : counting(result);
  return wrapStore(store, (backend) => ({
    subjects: backend.subjects,
    find(cookie) {
      calls.load += 1;
      return andThen(backend.find(cookie), (found) => ({ open: (at) => opened(found.open(at)) }));
    },
    create(change) {
      calls.create += 1;
      return backend.create(change);
    },
  }));
}
