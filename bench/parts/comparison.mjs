// Who is compared with whom: cases of one host, the bare one below them, ours beside their peers.

/**
 * @typedef {object} Entrant
 * @property {string} host
 * @property {string} name
 * @property {string} role
 * @property {string | undefined} [keeps]
 */

const ROLES = ["bare", "empty", "sojourn", "peer"];
const HOSTS = ["express", "fastify", "hono", "koa", "h3", "redis", "postgres"];

/**
 * By host, then bare, empty, ours, peers.
 * @template {Entrant} T
 * @param {readonly T[]} rows
 * @returns {T[]}
 */
export function inOrder(rows) {
  const rank = ({ host, role }) => HOSTS.indexOf(host) * ROLES.length + ROLES.indexOf(role);
  return [...rows].sort((a, b) => rank(a) - rank(b));
}

/**
 * The case of a row's host that plays a role without sessions.
 * @template {Entrant} T
 * @param {readonly T[]} rows
 * @param {string} host
 * @param {"bare" | "empty"} role
 * @returns {T | undefined}
 */
export function baseOf(rows, host, role) {
  return rows.find((row) => row.host === host && row.role === role);
}

/**
 * Sojourn and each peer of the same host that keeps the data in the same place.
 * @template {Entrant} T
 * @param {readonly T[]} rows
 * @returns {{ ours: T, peer: T }[]}
 */
export function pairs(rows) {
  return rows
    .filter(({ role }) => role === "sojourn")
    .flatMap((ours) =>
      rows
        .filter(
          ({ role, host, keeps }) => role === "peer" && host === ours.host && keeps === ours.keeps,
        )
        .map((peer) => ({ ours, peer })),
    );
}
