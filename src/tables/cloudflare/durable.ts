import { configError } from "../../core/errors.ts";
import type { SessionRow, SessionTable } from "../../core/store.ts";
import { hasMethods, otherBinding } from "./bindings.ts";

/** The part of a response that the table reads. */
interface Answer {
  readonly ok: boolean;
  readonly status: number;
  json(): Promise<unknown>;
}

/** The part of a namespace of Durable Objects that the table calls. */
export interface DurableNamespace {
  idFromName(name: string): object;
  get(id: object): { fetch(url: string, init: { method: string; body: string }): Promise<Answer> };
}

/**
 * Makes a table of Durable Objects, one for each session. The worker exports their class, `SessionRowObject`. A read and
 * a write take one request each, and so does a conflict. An alarm removes a row five minutes after its deadline.
 * @throws ERR_SESSION_CONFIG for anything but a namespace of Durable Objects
 * @example
 * ```ts
 * import { env } from "cloudflare:workers";
 * import { tableStore } from "sojourn";
 * import { durableTable } from "sojourn/cloudflare";
 *
 * export { SessionRowObject } from "sojourn/cloudflare";
 *
 * const store = tableStore({ table: durableTable(env.SESSIONS) });
 * ```
 */
export function durableTable(namespace: DurableNamespace): SessionTable {
  if (!hasMethods(namespace, ["idFromName", "newUniqueId", "get"])) {
    const other = otherBinding(namespace);
    throw configError(
      `durableTable takes a namespace of Durable Objects, for example durableTable(env.SESSIONS)${other === undefined ? "" : `; ${other}`}`,
    );
  }
  /** Asks the object of a key. Each question gets a stub of its own: one that has failed stays broken. */
  const ask = async <T>(key: string, method: string, ...args: readonly unknown[]): Promise<T> => {
    const object = namespace.get(namespace.idFromName(key));
    const body = JSON.stringify([key, method, ...args]);
    const answer = await object.fetch("https://sojourn/", { method: "POST", body });
    const [asked, result] = answer.ok ? ((await answer.json()) as readonly unknown[]) : [];
    if (asked !== key) {
      throw new Error(
        `the Durable Object is none of SessionRowObject: it answers ${answer.status}`,
      );
    }
    return result as T;
  };
  return {
    async get(key) {
      return (await ask<SessionRow | null>(key, "get")) ?? undefined;
    },
    insert: (key, row, now) => ask(key, "insert", content(row), row.expiresAt - now),
    replace: (key, version, row, now) =>
      ask(key, "replace", version, content(row), row.expiresAt - now),
    touch: (key, version, expiresAt, now) => ask(key, "touch", version, expiresAt, expiresAt - now),
    delete: (key, version) => ask(key, "delete", version ?? null),
  };
}

function content({ value, version, expiresAt }: SessionRow): SessionRow {
  return { value, version, expiresAt };
}
