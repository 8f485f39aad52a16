import { SessionError } from "../../../core/errors.ts";
import { publish, publishEnd } from "../../../core/events.ts";
import type { Comparison } from "../comparison.ts";
import { destroyRow, getRow, inLine, setRow, touchRow } from "../connect-calls.ts";
import type { Cookie } from "../cookie.ts";
import type { SessionRequest } from "../exchanges.ts";
import { presentedIds, sign } from "../signed-cookie.ts";
import type { Secret } from "../signed-cookie.ts";
import type { ConnectRow, ConnectStore } from "../store.ts";
import type { Row, Visit } from "./visit.ts";

/** What a visit of a store of npm needs of its request. */
export interface ConnectRequest {
  readonly store: ConnectStore;
  readonly cookieName: string;
  readonly secrets: readonly [Secret, ...Secret[]];
  readonly newId: () => string;
  readonly request: SessionRequest;
}

/**
 * A session in a store of npm, with the cookie and the row of express-session, so that processes of both may serve side by
 * side. Such a store cannot compare and set. A write reads the row again, and changes only what the request has changed.
 */
export class ConnectVisit implements Visit {
  id = "";
  isStored = false;
  hasEnded = false;
  isCookieNew = false;
  readonly #request: ConnectRequest;
  /** The rows that the request's cookies open. Mostly it is one. */
  #opened: string[] = [];

  constructor(request: ConnectRequest) {
    this.#request = request;
  }

  get touches(): boolean {
    return typeof this.#request.store.touch === "function";
  }

  get cookie(): string | undefined {
    return this.isStored ? sign(this.id, this.#request.secrets[0]) : undefined;
  }

  async load(): Promise<Row | undefined> {
    const { store, cookieName, secrets, request } = this.#request;
    const ids = presentedIds(request, cookieName, secrets);
    const rows = await Promise.all(ids.map((id) => getRow(store, id)));
    this.#opened = ids.filter((_, index) => rows[index]);
    const [id, other] = this.#opened;
    if (id === undefined) {
      if (ids.length > 0) publish("refuse", cookieName, undefined, "unknown");
      return undefined;
    }
    if (other !== undefined) {
      publish("refuse", cookieName, undefined, "ambiguous");
      return undefined;
    }
    return this.#open(id, rows.find(Boolean));
  }

  async reload(): Promise<Row | undefined> {
    if (this.hasEnded) return undefined;
    const row = await getRow(this.#request.store, this.id);
    this.hasEnded = this.isStored && !row;
    return this.#open(this.id, row);
  }

  /** @throws ERR_SESSION_STORE for a row that no session library has written; express-session fails at it, too */
  #open(id: string, row: ConnectRow | undefined): Row | undefined {
    if (row && !row.cookie) throw foreignRow();
    this.isStored = row !== undefined;
    if (row) this.id = id;
    return row;
  }

  save(changes: Comparison, cookie: Cookie): Promise<void> {
    const { store, cookieName } = this.#request;
    const { id, isStored } = this;
    return inLine(store, id, async () => {
      const row = isStored ? await getRow(store, id) : {};
      if (!row) return this.#stop();
      const next: ConnectRow = { ...row, cookie };
      for (const key of changes.deleted) Reflect.deleteProperty(next, key);
      for (const [key, text] of changes.put) next[key] = JSON.parse(text) as unknown;
      await setRow(store, id, next);
      publish("commit", cookieName, undefined, isStored ? "write" : "create");
      if (!isStored) this.#opened.push(id);
      this.isCookieNew ||= !isStored;
      this.isStored = true;
    });
  }

  /** Many stores touch by a `get` and a `set`, and what another request has written or ended must not come between them. */
  touch(cookie: Cookie): Promise<void> {
    const { store, cookieName } = this.#request;
    const { id } = this;
    return inLine(store, id, async () => {
      const row = await getRow(store, id);
      if (!row) return this.#stop();
      await touchRow(store, id, { ...row, cookie });
      publish("commit", cookieName, undefined, "touch");
    });
  }

  /** A log-out wins over a late write. */
  #stop(): void {
    this.isStored = false;
    this.hasEnded = true;
    publish("stop", this.#request.cookieName, undefined, "gone");
  }

  async destroy(): Promise<void> {
    const { store, cookieName } = this.#request;
    for (const id of new Set([...this.#opened, this.id])) {
      await inLine(store, id, () => destroyRow(store, id));
      publishEnd("drop", cookieName, { handle: undefined, endedId: undefined }, "asked");
    }
    this.#opened = [];
    this.isStored = false;
  }

  begin(): void {
    this.id = this.#request.newId();
    this.isStored = false;
    this.hasEnded = false;
  }
}

function foreignRow(): SessionError {
  return new SessionError(
    "ERR_SESSION_STORE",
    "Cannot read properties of the row of a session: it has no `cookie`, so that no session library has written it; " +
      "remove it from the store",
  );
}
