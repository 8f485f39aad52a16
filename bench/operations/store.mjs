// What the operations on stores have in common.
import { KEY } from "../shared/answers.mjs";
import { createSessions, load } from "../shared/sojourn.mjs";

/** @type {typeof import("../../src/core/store.ts")} */
const { SessionStore } = await load("core/store");

/** A session as many are: somebody signed in, with a few things in a cart. */
export const DATA = {
  user_id: "s23fa3aefvtwerg",
  csrf: "nVb0mQ2kT4s8yXc1wEa7Rg",
  locale: "en-GB",
  cart: [
    { sku: "A-1023", count: 2 },
    { sku: "B-0007", count: 1 },
  ],
  signed_in_at: 1763859600000,
};

/** The least that a session of somebody signed in holds. */
export const LITTLE = { user_id: DATA.user_id };

const DAY = 86_400_000;
/** Each session has an id. Without one, the store makes it of the handle, as for a row of an earlier version. */
const ID = "Zk3vYcQ0r8sT1uWxY2zA4b";

/**
 * The same text, each time as a string of its own, as every request brings one: V8 knows nothing of it yet, not even
 * its hash.
 * @param {string} text
 */
export function fresh(text) {
  const bytes = Buffer.from(text, "latin1");
  return () => bytes.latin1Slice();
}

/**
 * A store at work, as `createSessions` sets it up.
 * @param {import("../../src/index.ts").SessionStore} store
 * @returns {import("../../src/core/store.ts").SessionBackend}
 */
export function setUp(store) {
  /** @type {import("../../src/core/store.ts").SessionBackend[]} */
  const backends = [];
  const watched = new SessionStore((context) => {
    const backend = SessionStore.setUp(store, context);
    backends.push(backend);
    return backend;
  });
  createSessions({ store: watched, key: KEY });
  const [backend] = backends;
  if (!backend) throw new Error("createSessions has set no store up");
  return backend;
}

/**
 * A request that has put these values.
 * @param {Record<string, unknown>} values
 * @returns {import("../../src/core/store.ts").SessionChange}
 */
export function putting(values) {
  return {
    renew: false,
    loadedSubject: undefined,
    isGone: () => false,
    apply: (base) => ({
      data: { ...base?.data, ...values },
      flash: {},
      sentAttributes: {},
      subject: undefined,
      id: base?.id ?? ID,
      createdAt: base?.createdAt ?? Date.now(),
      expiresAt: Date.now() + DAY,
    }),
  };
}

/**
 * The session under a cookie, which must be there.
 * @param {import("../../src/core/store.ts").SessionBackend} backend
 * @param {string | undefined} cookie
 * @returns {import("../../src/core/store.ts").StoredSession}
 */
export function open(backend, cookie) {
  const session = backend.find(cookie ?? "").open(Date.now());
  if (!("record" in session)) throw new Error(`no session: ${JSON.stringify(session)}`);
  return session;
}

/**
 * The cookie of a new session. Only for stores that answer at once.
 * @param {import("../../src/core/store.ts").SessionBackend} backend
 * @param {Record<string, unknown>} [values]
 * @returns {string}
 */
export function newCookie(backend, values = DATA) {
  const saved = backend.create(putting(values));
  if (!("cookie" in saved) || !saved.cookie) throw new Error("the store does not answer at once");
  return saved.cookie;
}
