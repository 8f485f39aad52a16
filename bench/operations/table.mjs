// Reading a session from a table in memory, and writing it back.
import { SECRET } from "../shared/answers.mjs";
import { createTable, tableStore } from "../shared/sojourn.mjs";
import { DATA, newCookie, open, putting, setUp } from "./store.mjs";

/** @typedef {import("./all.mjs").Operation} Operation */

const SID = "Zk3vYcQ0r8sT1uWxY2zA4bC6dE8fG0hJ";
const COOKIE = { originalMaxAge: null, expires: null, httpOnly: true, path: "/" };

/** @type {Operation[]} */
const reading = [
  {
    name: "Map.get and JSON.parse",
    role: "limit",
    setup() {
      const rows = new Map([[SID, JSON.stringify(DATA)]]);
      return () => JSON.parse(rows.get(SID) ?? "").user_id;
    },
  },
  {
    name: "sojourn",
    role: "sojourn",
    setup() {
      const backend = setUp(tableStore({ table: createTable() }));
      const cookie = newCookie(backend);
      return () => open(backend, cookie).record.data["user_id"];
    },
  },
  {
    name: "express-session: unsign, MemoryStore.get",
    role: "peer",
    async setup() {
      const { store, unsign, cookie } = await expressSession();
      return () => read(store, unsign(cookie, SECRET));
    },
  },
  {
    name: "hono-sessions: MemoryStore.getSessionById (no signature)",
    role: "peer",
    async setup() {
      const { MemoryStore } = await import("hono-sessions");
      const store = new MemoryStore();
      store.createSession(SID, { _data: DATA, _expire: null });
      return () => store.getSessionById(SID)?._data.user_id;
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
        const data = { ...JSON.parse(rows.get(SID) ?? ""), locale: "de-CH" };
        return rows.set(SID, JSON.stringify(data));
      };
    },
  },
  {
    name: "sojourn (compare-and-set)",
    role: "sojourn",
    setup() {
      const backend = setUp(tableStore({ table: createTable() }));
      const cookie = newCookie(backend);
      const change = putting({ locale: "de-CH" });
      return () => open(backend, cookie).write(change);
    },
  },
  {
    name: "express-session: unsign, MemoryStore.get and set",
    role: "peer",
    async setup() {
      const { store, unsign, cookie } = await expressSession();
      return async () => {
        const sid = unsign(cookie, SECRET);
        const session = { .../** @type {object} */ (await read(store, sid)), locale: "de-CH" };
        await new Promise((resolve) => store.set(sid, session, resolve));
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
  return { store, unsign: signature.unsign, cookie: signature.sign(SID, SECRET) };
}

/**
 * @param {any} store
 * @param {string} sid
 */
function read(store, sid) {
  return new Promise((resolve, reject) =>
    store.get(sid, (/** @type {unknown} */ error, /** @type {unknown} */ session) =>
      session ? resolve(session) : reject(error),
    ),
  );
}
