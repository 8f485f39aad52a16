import { operations as event } from "./event.mjs";
import { operations as hosts } from "./hosts.mjs";
import { operations as parse } from "./parse.mjs";
import { operations as request } from "./request.mjs";
import { operations as seal } from "./seal.mjs";
import { operations as table } from "./table.mjs";

/** Calls of an operation that are counted at once, where it does not say otherwise. */
export const COUNTED = 500;

/**
 * @typedef {object} Operation
 * @property {string} group what is compared with each other
 * @property {string} name
 * @property {"limit" | "sojourn" | "peer"} role `limit`: the least that can be done with the platform's own means
 * @property {number} [times] calls that are counted at once; default {@link COUNTED}
 * @property {() => Call | Promise<Call>} setup loads what it measures, and nothing else
 *
 * @typedef {() => unknown} Call does it once; a promise is waited for. Gives something true when it went well.
 */

/** @type {readonly Operation[]} */
export const operations = [...parse, ...seal, ...table, ...request, ...event];

/**
 * Those whose instructions and bytes must not grow: these, and whole requests of each host.
 * @type {readonly Operation[]}
 */
export const guarded = [...operations, ...hosts];

/** @param {Operation} operation */
export const idOf = ({ group, name }) => `${group}: ${name}`;
