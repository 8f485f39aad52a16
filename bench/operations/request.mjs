// A whole request through `sojourn/node`, with Node's own request and response and without a network.
import assert from "node:assert/strict";
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { KEY, NO_SESSION, SECRET, USER, addOne, counted, greet } from "../shared/answers.mjs";
import { cookieStore, createSessions, createTable, load, tableStore } from "../shared/sojourn.mjs";
import { fresh } from "./store.mjs";

/** @typedef {import("./all.mjs").Operation} Operation */

const group = "request";
/** Of a connection by https: over plain http the first Secure cookie is a warning, for which V8 drops compiled code. */
const socket = Object.assign(new Socket(), { encrypted: true });

/**
 * @param {(req: IncomingMessage, res: ServerResponse) => void} listener
 * @param {string | undefined} cookie
 */
export function visit(listener, cookie) {
  const req = new IncomingMessage(socket);
  req.headers = cookie === undefined ? { host: "localhost" } : { host: "localhost", cookie };
  const res = new ServerResponse(req);
  // A response without a socket is taken for one whose head cannot leave, such as that of an upgrade.
  Object.assign(res, { socket });
  listener(req, res);
  return res;
}

/** The listener's three pages, over a store that answers at once. */
export async function pages(store = cookieStore({ secret: SECRET })) {
  /** @type {typeof import("../../src/adapters/node.ts")} */
  const { session } = await load("adapters/node");
  const sessions = createSessions({ store, key: KEY });
  const { getSession, putSession, updateSession } = sessions;
  const login = session(sessions, (req, res) => {
    putSession(req, "user_id", USER);
    res.end("ok");
  });
  const pair = /^[^;]*/.exec(String(visit(login, undefined).getHeader("set-cookie")));
  return {
    login,
    cookie: fresh(pair?.[0] ?? ""),
    read: session(sessions, (req, res) => void res.end(greet(getSession(req, "user_id")))),
    write: session(sessions, (req, res) => {
      updateSession(req, "count", addOne);
      res.end(counted(getSession(req, "count")));
    }),
    untouched: session(sessions, (_req, res) => void res.end("untouched")),
  };
}

const table = () => tableStore({ table: createTable() });

/** @type {Operation[]} */
export const operations = [
  {
    name: "bare",
    role: "limit",
    setup() {
      const cookie = fresh(NO_SESSION);
      const listener = (/** @type {IncomingMessage} */ _req, /** @type {ServerResponse} */ res) =>
        void res.end("untouched");
      return () => visit(listener, cookie()).writableEnded;
    },
  },
  {
    name: "no cookie, the user asked for",
    role: "sojourn",
    async setup() {
      const { read } = await pages();
      return () => visit(read, undefined).writableEnded;
    },
  },
  {
    name: "session not touched",
    role: "sojourn",
    async setup() {
      const { untouched, cookie } = await pages();
      return () => visit(untouched, cookie()).writableEnded;
    },
  },
  ...[
    { where: "sealed cookie", store: undefined },
    { where: "memory table", store: table },
  ].flatMap(({ where, store }) => [
    {
      name: `${where}, read`,
      role: /** @type {const} */ ("sojourn"),
      async setup() {
        const { read, cookie } = await pages(store?.());
        assert.equal(visit(read, cookie()).getHeader("vary"), "Cookie");
        return () => visit(read, cookie()).writableEnded;
      },
    },
    {
      name: `${where}, write`,
      role: /** @type {const} */ ("sojourn"),
      async setup() {
        const { write, cookie } = await pages(store?.());
        return () => visit(write, cookie()).writableEnded;
      },
    },
  ]),
].map((each) => ({ ...each, group }));
