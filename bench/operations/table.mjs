// Reading a session from a table in memory, and writing it back.
import { SECRET } from "../shared/answers.mjs";
import { createTable, tableStore } from "../shared/sojourn.mjs";
import { DATA, fresh, newCookie, open, putting, setUp } from "./store.mjs";

/** @typedef {import("./all.mjs").Operation} Operation */

const SID = "Zk3vYcQ0r8sT1uWxY2zA4bC6dE8fG0hJ";
const sid = fresh(SID);
const COOKIE = { originalMaxAge: null, expires: null, httpOnly: true, path: "/" };

/** @type {Operation[]} */
const reading = [
  {
    name: "Map.get and JSON.parse",
    role: "limit",
    setup() {
      const rows = new Map([[SID, JSON.stringify(DATA)]]);
      return () => JSON.parse(rows.get(sid()) ?? "").user_id;
    },
  },
  {
    name: "sojourn",
    role: "sojourn",
    setup() {
      const backend = setUp(tableStore({ table: createTable() }));
      const cookie = fresh(newCookie(backend));
      return () => open(backend, cookie()).record.data["user_id"];
    },
  },
  {
    name: "express-session: unsign, MemoryStore.get",
    role: "peer",
    async setup() {
      const { store, unsign, cookie } = await expressSession();
      return () => read(store, unsign(cookie(), SECRET));
    },
  },
  {
    name: "hono-sessions: MemoryStore.getSessionById (no signature)",
    role: "peer",
    async setup() {
      const { MemoryStore } = await import("hono-sessions");
      const store = new MemoryStore();
      store.createSession(SID, { _data: DATA, _expire: null });
      return () => store.getSessionById(sid())?._data.user_id;
    },
  },
];

/** @type {Operation[]} */
const writing = [
  {
    name: "Map, JSON.parse and JSON.stringify",
    role: "limit",
    setup() {
      const rows = new Map([[SID, JSON.stringify(DATA)]]);
      return () => {
        const data = { ...JSON.parse(rows.get(sid()) ?? ""), locale: "de-CH" };
        return rows.set(sid(), JSON.stringify(data));
      };
    },
  },
  {
    name: "sojourn (compare-and-set)",
    role: "sojourn",
    setup() {
      const backend = setUp(tableStore({ table: createTable() }));
      const cookie = fresh(newCookie(backend));
      const change = putting({ locale: "de-CH" });
      return () => open(backend, cookie()).write(change);
    },
  },
  {
    name: "express-session: unsign, MemoryStore.get and set",
    role: "peer",
    async setup() {
      const { store, unsign, cookie } = await expressSession();
      return async () => {
        const id = unsign(cookie(), SECRET);
        const session = { .../** @type {object} */ (await read(store, id)), locale: "de-CH" };
        await new Promise((resolve) => store.set(id, session, resolve));
        return true;
      };
    },
  },
];

export const operations = [
  ...reading.map((each) => ({ ...each, group: "table, read" })),
  ...writing.map((each) => ({ ...each, group: "table, read and commit" })),
];

async function expressSession() {
  const { default: session } = await import("express-session");
  const { default: signature } = await import("cookie-signature");
  const store = new session.MemoryStore();
  await new Promise((resolve) => store.set(SID, { cookie: COOKIE, ...DATA }, resolve));
  return { store, unsign: signature.unsign, cookie: fresh(signature.sign(SID, SECRET)) };
}

/**
 * @param {any} store
 * @param {string} id
 */
function read(store, id) {
  return new Promise((resolve, reject) =>
    store.get(id, (/** @type {unknown} */ error, /** @type {unknown} */ session) =>
      session ? resolve(session) : reject(error),
    ),
  );
}
