/** @import { SessionRow, SessionTable } from "../../../src/core/store.ts" */

/**
 * The table of a kind in a worker: each call is asked over HTTP, and made in workerd.
 * @param {string} url of the worker
 * @param {string} kind what worker.ts calls it: `durable`, or the name of a table in D1
 * @param {string} [isolate] the one that makes the calls
 * @returns {SessionTable}
 */
export function tableIn(url, kind, isolate = "first") {
  /**
   * @param {string} method
   * @param {readonly unknown[]} args
   * @returns {Promise<any>}
   */
  const ask = async (method, ...args) => {
    const response = await fetch(`${url}/table/${kind}`, {
      method: "POST",
      headers: { isolate },
      body: JSON.stringify([method, ...args]),
    });
    const { answer, message, cause } = /** @type {any} */ (await response.json());
    if (!response.ok) throw new Error(message, { cause });
    return answer;
  };
  /** @type {SessionTable} */
  const table = {
    get: (key) => ask("get", key),
    insert: (...args) => ask("insert", ...args),
    replace: (...args) => ask("replace", ...args),
    touch: (...args) => ask("touch", ...args),
    delete: (...args) => ask("delete", ...args),
  };
  if (kind === "durable" || kind === "old") return table;
  return {
    ...table,
    async getMany(keys) {
      /** @type {readonly (readonly [string, SessionRow | null])[]} */
      const pairs = await ask("getMany", keys);
      // JSON has no undefined.
      return pairs.map(([key, row]) => /** @type {const} */ ([key, row ?? undefined]));
    },
    sweep: (now) => ask("sweep", now),
  };
}
