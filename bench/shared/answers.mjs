// What all servers of the benchmark answer, whatever is under them.
import { randomBytes } from "node:crypto";

/**
 * One server to measure. Its routes:
 *
 * - `POST /login` puts all of {@link DATA} into the session
 * - `GET /read` reads it and answers {@link greet} of it
 * - `GET /write` adds one to `count` and answers {@link counted} of it
 * - `GET /untouched` answers without a look at the session; it is the same for all cases of a host
 *
 * @typedef {object} Case
 * @property {string} name
 * @property {"bare" | "empty" | "sojourn" | "peer"} role
 * @property {"cookie" | "table"} [keeps] where the session's data is
 * @property {() => Server | Promise<Server>} create the server, not yet listening
 *
 * @typedef {import("node:http").Server} Server
 */

/**
 * What a case file says: all but how its host makes a server of it.
 * @template App
 * @typedef {Omit<Case, "create"> & { build: (app: App) => void }} Building
 */

export const USER = "s23fa3aefvtwerg";

/** What a session holds: about 300 bytes of JSON. */
export const DATA = {
  user_id: USER,
  roles: ["editor", "translator"],
  csrf: "oNqJ0S8lq0Yw7kqjM2v5c1TzR9bXeHd4",
  cart: [
    { sku: "sku-1049-blue-l", quantity: 2, price: 1995 },
    { sku: "sku-2203-red-xs", quantity: 1, price: 4950 },
    { sku: "sku-3318-grey-m", quantity: 3, price: 795 },
  ],
  seen_at: "2026-11-23T10:15:00.000Z",
};

/** A fresh secret for each server: 43 characters. */
export const SECRET = randomBytes(32).toString("base64url");

/** The name of Sojourn's cookie, as long as those of most peers. */
export const KEY = "session";

/** What a server without sessions gets of a user: it parses as many headers. */
export const NO_SESSION = `${KEY}=${"x".repeat(64)}`;

/**
 * The answer of `/read`.
 * @param {unknown} user
 */
export const greet = (user) => (user ? `hello ${user}` : "nobody");

/**
 * The answer of `/write`.
 * @param {unknown} count
 */
export const counted = (count) => `count ${count}`;

/**
 * What `/write` does to `count`.
 * @param {unknown} count
 */
export const addOne = (count) => Number(count ?? 0) + 1;
