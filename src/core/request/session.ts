import { inspect } from "node:util";
import { usageError } from "../errors.ts";
import { checkDataKey, copyAllOut, copyOut, own } from "../data/values.ts";
import type { Change, Frozen, Stored } from "../data/frozen.ts";
import type { Session, Setting } from "../types.ts";
import type { HostSession } from "./host-session.ts";

/** This is a symbol and no private field, because an application holds a Proxy of the session. */
const HOST: unique symbol = Symbol("sojourn.host");

/** Gives the host's side of a session, or `undefined` for an object that is no session. */
export function hostSessionOf(session: object): HostSession | undefined {
  return (session as { readonly [HOST]?: HostSession })[HOST];
}

function hostOf(session: object): HostSession {
  return (session as { readonly [HOST]: HostSession })[HOST];
}

type Key<Data> = keyof Data & string;

/** The session that an application holds. It checks the arguments of each call, and hands the call on. */
export class RequestSession<
  Data extends object = Record<string, unknown>,
> implements Session<Data> {
  static {
    // Logs show the handle of a session, and never its data.
    Object.defineProperty(this.prototype, inspect.custom, {
      value(this: RequestSession): string {
        return `Session { handle: ${hostOf(this).handle ?? "undefined"} }`;
      },
    });
  }

  constructor(host: HostSession) {
    (this as { [HOST]?: HostSession })[HOST] = host;
  }

  get id(): string {
    return hostOf(this).id();
  }

  get handle(): string | undefined {
    hostOf(this).look();
    return hostOf(this).handle;
  }

  get signedInAt(): Date | undefined {
    const time = hostOf(this).signedInAt();
    return time === undefined ? undefined : new Date(time);
  }

  get available(): boolean {
    hostOf(this).look();
    return hostOf(this).available;
  }

  get(): Frozen<Partial<Data>>;
  get<K extends Key<Data>>(key: K): Stored<Data, K> | undefined;
  get(...keys: [] | [key: string]): unknown {
    const { data } = hostOf(this).look();
    return keys.length === 0 ? copyAllOut(data) : copyOut(own(data, checkDataKey(keys[0])));
  }

  put<K extends Key<Data>>(key: K, value: Stored<Data, K>): this {
    hostOf(this).put(checkDataKey(key), value);
    return this;
  }

  delete(key: Key<Data>): this {
    if (key === undefined) {
      throw usageError(
        "delete takes the key to delete; dropSession(conn) or session.drop() logs out",
      );
    }
    hostOf(this).delete(checkDataKey(key));
    return this;
  }

  update<K extends Key<Data>>(key: K, change: Change<Data, K>): this {
    if (typeof change !== "function") {
      throw usageError("update takes a key and a function from the old value to the new one");
    }
    // `put` and the schema make sure that the stored value has the type of its key.
    hostOf(this).update(checkDataKey(key), change as (value: unknown) => unknown);
    return this;
  }

  flash<K extends Key<Data>>(key: K): Stored<Data, K> | undefined;
  flash<K extends Key<Data>>(key: K, value: Stored<Data, K>): this;
  flash(key: string, ...values: [] | [value: unknown]): unknown {
    checkDataKey(key);
    if (values.length === 0) return copyOut(hostOf(this).takeFlash(key));
    hostOf(this).leaveFlash(key, values[0]);
    return this;
  }

  peek<K extends Key<Data>>(key: K): Stored<Data, K> | undefined {
    return copyOut(hostOf(this).peekFlash(checkDataKey(key))) as Stored<Data, K> | undefined;
  }

  configure(...[name, value]: Setting): this {
    hostOf(this).configure(name, value);
    return this;
  }

  renew(): this {
    return this.configure("renew", true);
  }

  drop(): this {
    return this.configure("drop", true);
  }
}
