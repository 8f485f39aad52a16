// The process in which scripts/count-hops.mjs counts: one host and one store of an instrumented build, a real
// server, and one request at a time. Sends its parent the entries of each measured request.
// Arguments: the URLs of the instrumented "sojourn" and of its host's entry, the host, the store.
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { serve } from "@hono/node-server";
import express from "express";
import { Hono } from "hono";
import { NOTE } from "./hops-instrument.mjs";

/** @typedef {import("../src/index.ts").Conn} Conn */
/** @typedef {import("./hops-instrument.mjs").Entry} Entry */

const [core = "", adapter = "", host = "", store = ""] = process.argv.slice(2);

/** @type {Entry[]} */
let entries = [];
Object.assign(globalThis, {
  /** @type {(file: string, name: string, at: number, arrow: boolean) => void} */
  [NOTE]: (file, name, at, arrow) => entries.push({ file, name, at, arrow }),
});

/** @type {Pick<typeof import("../src/index.ts"), "cookieStore" | "createSessions" | "createTable" | "tableStore">} */
const { cookieStore, createSessions, createTable, tableStore } = await import(core);
const { session } = await import(adapter);

/** @type {ReturnType<typeof createSessions<{ user: string, page: string }>>} */
const sessions = createSessions({ store: makeStore(), key: "sid", subject: "user" });
const { getSession, putSession, renewSession, dropSession } = sessions;

/** @param {Conn} conn */
function logIn(conn) {
  renewSession(conn);
  putSession(conn, "user", "ann");
}

/** What a handler does with its request, by path. @type {Record<string, (conn: Conn) => unknown>} */
const handlers = {
  "/visit": (conn) => putSession(conn, "page", "first"),
  "/log-in": logIn,
  "/read": (conn) => getSession(conn, "page"),
  "/write": (conn) => putSession(conn, "page", "next"),
  "/renewal": logIn, // The subject is the same as before.
  "/log-out": (conn) => dropSession(conn),
};

/** The operations in the order of one visitor, and the page that a request after each of them reads. */
const visitor = { "log-in": "first", read: "first", write: "next", renewal: "next", "log-out": "" };

const server = await (host === "express" ? listenExpress() : listenHono());
const address = server.address();
if (address === null || typeof address === "string") throw new Error("the server has no port");
const origin = `http://localhost:${address.port}`;
let cookie = "";

/** @type {Record<string, Entry[]>} */
const measured = {};
for (const round of ["warm", "measured"]) {
  cookie = "";
  await request("/visit");
  for (const [operation, page] of Object.entries(visitor)) {
    await request("/read"); // The measured request is not the first that its cookie comes with.
    const found = await request(`/${operation}`);
    if (round === "measured") measured[operation] = found.entries;
    const after = await request("/read");
    if (after.body !== page) throw new Error(`${operation}: the next request reads ${after.body}`);
  }
}
process.send?.(measured, () => process.exit());

/**
 * @param {string} path
 * @returns {Promise<{ body: string, entries: Entry[] }>}
 */
async function request(path) {
  entries = [];
  const response = await fetch(origin + path, { headers: cookie === "" ? {} : { cookie } });
  const body = await response.text();
  if (!response.ok) throw new Error(`${path} answers ${response.status}: ${body}`);
  for (const text of response.headers.getSetCookie()) {
    const [pair = ""] = text.split(";");
    cookie = pair.endsWith("=") ? "" : pair;
  }
  // What goes on after the answer belongs to its request.
  let before;
  do {
    before = entries.length;
    await sleep(20);
  } while (entries.length !== before);
  return { body, entries };
}

function makeStore() {
  if (store === "cookie") return cookieStore({ secret: "vQ4mT9xZ2kLr7WnB5sYc8HdJ1fGp6AuE" });
  const table = createTable();
  return tableStore({ table: store === "memory" ? table : slow(table) });
}

/**
 * The same table, answering by promises as a database does.
 * @param {import("../src/index.ts").SessionTable} table
 * @returns {import("../src/index.ts").SessionTable}
 */
function slow(table) {
  return {
    get: async (...args) => table.get(...args),
    insert: async (...args) => table.insert(...args),
    replace: async (...args) => table.replace(...args),
    touch: async (...args) => table.touch(...args),
    delete: async (...args) => table.delete(...args),
    sweep: async (...args) => table.sweep?.(...args) ?? 0,
  };
}

/** @returns {Promise<import("node:net").Server>} */
function listenExpress() {
  const app = express().use(session(sessions));
  for (const [path, handler] of Object.entries(handlers)) {
    app.get(path, (req, res) => {
      res.send(textOf(handler(req)));
    });
  }
  return new Promise((resolve) => {
    const listening = app.listen(0, () => resolve(listening));
  });
}

/** @returns {Promise<import("node:net").Server>} */
function listenHono() {
  const app = new Hono().use(session(sessions));
  for (const [path, handler] of Object.entries(handlers)) {
    app.get(path, (c) => c.text(textOf(handler(c))));
  }
  return new Promise((resolve) => {
    const listening = serve({ fetch: app.fetch, port: 0 }, () => {
      resolve(listening);
    });
  });
}

/** @param {unknown} answer of a handler */
function textOf(answer) {
  return typeof answer === "string" ? answer : "";
}
