/**
 * The base of a store, and the store in memory. They are functions and no classes, because the stores of npm call them
 * without `new`: `Store.call(this)`.
 */
import { EventEmitter } from "node:events";
import { now } from "./clock.ts";
import { cookieFrom } from "./cookie.ts";
import { exchangeOf } from "./exchanges.ts";
import { Session } from "./session.ts";
import type { Done } from "./session.ts";

/** A row, as the stores of npm keep it. */
export type ConnectRow = Record<string, unknown> & { cookie?: object };
type Got = (error: unknown, row?: ConnectRow | null) => void;

/** The methods that the stores of npm have. */
export interface ConnectStore {
  get(id: string, done: Got): unknown;
  set(id: string, row: ConnectRow, done?: Done): unknown;
  destroy(id: string, done?: Done): unknown;
  touch?(id: string, row: ConnectRow, done?: Done): unknown;
  on?(event: "connect" | "disconnect", told: () => void): unknown;
  generate?(req: object): void;
}

interface StoreBase extends EventEmitter, Omit<ConnectStore, "on"> {
  generate(req: object): void;
  regenerate(req: { readonly sessionID?: string }, done: Done): void;
  load(id: string, done: (error: unknown, session?: object) => void): void;
  createSession(req: { sessionID?: string; session?: unknown }, row: ConnectRow): Session;
}

interface Function_<T> {
  new (): T;
  (this: unknown): void;
  prototype: T;
}

export const Store = function Store(this: EventEmitter) {
  Reflect.apply(EventEmitter as unknown as () => void, this, []);
} as unknown as Function_<StoreBase>;

define(Store.prototype, EventEmitter.prototype, {
  regenerate(this: StoreBase, req: { readonly sessionID?: string }, done: Done) {
    const exchange = exchangeOf(req);
    if (exchange) {
      exchange.regenerate().then(
        () => process.nextTick(done),
        (error: unknown) => process.nextTick(done, error),
      );
      return;
    }
    this.destroy(req.sessionID ?? "", (error) => {
      this.generate(req);
      done(error);
    });
  },
  load(this: StoreBase, id: string, done: (error: unknown, session?: object) => void) {
    const owner = { sessionID: id, sessionStore: this };
    this.get(id, (error, row) => {
      if (error) done(error);
      else done(null, row ? this.createSession(owner, row) : undefined);
    });
  },
  createSession(req: { sessionID?: string; session?: unknown }, row: ConnectRow): Session {
    const session = new Session(req, { ...row, cookie: cookieFrom(row.cookie ?? {}) });
    req.session = session;
    return session;
  },
});

interface MemoryStoreBase extends StoreBase {
  sessions: Record<string, string>;
  all(done: (error: unknown, all: Record<string, ConnectRow>) => void): void;
  length(done: (error: unknown, count: number) => void): void;
  clear(done?: Done): void;
}

export const MemoryStore = function MemoryStore(this: MemoryStoreBase) {
  Reflect.apply(Store, this, []);
  this.sessions = Object.create(null) as Record<string, string>;
} as unknown as Function_<MemoryStoreBase>;

define(MemoryStore.prototype, Store.prototype, {
  get(this: MemoryStoreBase, id: string, done: Got) {
    setImmediate(done, null, read(this, id));
  },
  set(this: MemoryStoreBase, id: string, row: ConnectRow, done?: Done) {
    this.sessions[id] = JSON.stringify(row);
    if (done) setImmediate(done);
  },
  destroy(this: MemoryStoreBase, id: string, done?: Done) {
    Reflect.deleteProperty(this.sessions, id);
    if (done) setImmediate(done);
  },
  touch(this: MemoryStoreBase, id: string, row: ConnectRow, done?: Done) {
    const there = read(this, id);
    if (there) this.sessions[id] = JSON.stringify({ ...there, cookie: row.cookie });
    if (done) setImmediate(done);
  },
  all(this: MemoryStoreBase, done?: (error: unknown, all: Record<string, ConnectRow>) => void) {
    const all = Object.create(null) as Record<string, ConnectRow>;
    for (const id of Object.keys(this.sessions)) {
      const row = read(this, id);
      if (row) all[id] = row;
    }
    if (done) setImmediate(done, null, all);
  },
  length(this: MemoryStoreBase, done: (error: unknown, count?: number) => void) {
    this.all((error, all) => (error ? done(error) : done(null, Object.keys(all).length)));
  },
  clear(this: MemoryStoreBase, done?: Done) {
    this.sessions = Object.create(null) as Record<string, string>;
    if (done) setImmediate(done);
  },
});

function read(store: MemoryStoreBase, id: string): ConnectRow | undefined {
  const text = store.sessions[id];
  if (text === undefined) return undefined;
  const row = JSON.parse(text) as ConnectRow & { cookie?: { expires?: string | null } };
  const expires = row.cookie?.expires;
  if (!expires || Date.parse(expires) > now()) return row;
  Reflect.deleteProperty(store.sessions, id);
  return undefined;
}

/** Gives a prototype its parent and its methods. They are enumerable, as with express-session: some stores copy them. */
function define(prototype: object, parent: object, methods: object): void {
  Object.setPrototypeOf(prototype, parent);
  Object.assign(prototype, methods);
}
