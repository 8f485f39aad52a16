// How long the Cookie header gets for the same data.
import { KEY, SECRET } from "../shared/answers.mjs";
import { cookieStore, createTable, tableStore } from "../shared/sojourn.mjs";
import { secureSession } from "./secure-session.mjs";
import { DATA, LITTLE, newCookie, setUp } from "./store.mjs";

/**
 * @typedef {object} Bytes
 * @property {string} name
 * @property {number} little for one key
 * @property {number} data for a few keys
 */

/** What each makes of some data: the Cookie header, with `session` as the cookie's name. */
const HEADERS = {
  "sojourn, table": (/** @type {object} */ data) =>
    pair(newCookie(setUp(tableStore({ table: createTable() })), { ...data })),
  "sojourn, sealed cookie": (/** @type {object} */ data) =>
    pair(newCookie(setUp(cookieStore({ secret: SECRET })), { ...data })),
  async "cookie-session (signed only)"(/** @type {object} */ data) {
    const { default: Keygrip } = await import("keygrip");
    const first = pair(Buffer.from(JSON.stringify(data)).toString("base64"));
    return `${first}; ${KEY}.sig=${new Keygrip([SECRET]).sign(first)}`;
  },
  async "@fastify/secure-session"(/** @type {object} */ data) {
    const { app, session } = await secureSession(data);
    return pair(encodeURIComponent(app.encodeSecureSession(session)));
  },
  async "iron-session"(/** @type {object} */ data) {
    const { sealData } = await import("iron-session");
    return pair(await sealData(data, { password: SECRET }));
  },
};

/** @returns {Promise<Bytes[]>} */
export async function cookieBytes() {
  /** @type {Bytes[]} */
  const all = [];
  for (const [name, header] of Object.entries(HEADERS)) {
    const [little, data] = [await header(LITTLE), await header(DATA)];
    all.push({ name, little: little.length, data: data.length });
  }
  return all;
}

/** @param {string} value */
const pair = (value) => `${KEY}=${value}`;
