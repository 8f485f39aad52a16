// One table with many sessions in a process of its own: `node --expose-gc scale-child.mjs <kind> <sessions>`.
// Tells its parent what it has found. Kinds: memory, lmdb, and map, which is the same texts in a plain Map.
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { pages, visit } from "../operations/request.mjs";
import { DATA, putting, setUp } from "../operations/store.mjs";
import { KEY } from "../shared/answers.mjs";
import { MapOfTexts } from "../shared/map-of-texts.mjs";
import { createTable, load, tableStore } from "../shared/sojourn.mjs";
import { median } from "../shared/statistics.mjs";
import { Ticker, turn } from "../shared/ticker.mjs";

const COOKIE_BYTES = 64;
/** Sessions that one turn of the event loop makes. */
const PER_TURN = 20;
/** Writes to a database that may be under way. */
const IN_FLIGHT = 4000;
const WARM_UP = 2000;
const BATCHES = 15;
const REQUESTS = 2000;
const DAY = 86_400_000;

const [kind = "", size] = process.argv.slice(2);
const sessions = Number(size);
const folder = mkdtempSync(join(tmpdir(), "sojourn-bench-"));
/** The cookies, in one piece of memory that is there before anything is weighed. */
const cookies = Buffer.alloc(sessions * COOKIE_BYTES);
const plain = new MapOfTexts();

try {
  const table = await openTable();
  const backend = setUp(tableStore({ table }));
  // What is compiled and loaded at first belongs to no session.
  await fill(setUp(tableStore({ table: createTable() })), WARM_UP, () => {});
  const before = memory();
  const inserting = new Ticker();
  await fill(backend, sessions, (cookie, at) => cookies.write(cookie, at * COOKIE_BYTES));
  inserting.stop();
  const bytes = (kind === "lmdb" ? sizeOnDisk() : memory() - before) / sessions;
  const nanoseconds = kind === "map" ? timeMap() : await timeRequests(table);
  const sweeping = kind === "map" ? undefined : await sweepAndInsert(table, backend);
  process.send?.({
    kind,
    sessions,
    bytes,
    nanoseconds,
    pauses: { insert: inserting.longest, sweep: sweeping?.longest },
    collections: { insert: inserting.longestCollection, sweep: sweeping?.longestCollection },
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.disconnect?.();

/** @returns {Promise<import("../../src/index.ts").SessionTable>} */
async function openTable() {
  if (kind === "memory") return createTable();
  if (kind === "map") return plain;
  const { lmdbTable } = await load("tables/lmdb");
  return lmdbTable({ path: folder });
}

/**
 * Makes sessions, half of which end a day before the others, some in each turn of the event loop.
 * @param {import("../../src/core/store.ts").SessionBackend} backend
 * @param {number} count
 * @param {(cookie: string, at: number) => void} keep
 */
async function fill(backend, count, keep) {
  /** @type {unknown[]} */
  let underWay = [];
  for (let at = 0; at < count; at++) {
    const saving = backend.create(ending(Date.now() + (1 + (at % 2)) * DAY));
    if (saving instanceof Promise) underWay.push(saving.then((saved) => keep(saved.cookie, at)));
    else if ("cookie" in saving) keep(saving.cookie ?? "", at);
    if (underWay.length === IN_FLIGHT) {
      await Promise.all(underWay);
      underWay = [];
    }
    if (at % PER_TURN === 0) await turn();
  }
  await Promise.all(underWay);
}

/** @param {number} expiresAt */
function ending(expiresAt) {
  const change = putting(DATA);
  return {
    ...change,
    apply: (/** @type {any} */ base) => ({ ...change.apply(base), expiresAt }),
  };
}

/**
 * Sweeps half of the sessions away, but for those that were read, while new ones come.
 * @param {import("../../src/index.ts").SessionTable} table
 * @param {import("../../src/core/store.ts").SessionBackend} backend
 */
async function sweepAndInsert(table, backend) {
  await table.sweep?.(0); // The store has begun one itself, and one runs at a time.
  const ticker = new Ticker();
  const state = { over: false };
  const whole = async () => {
    const swept = (await table.sweep?.(Date.now() + 1.5 * DAY)) ?? 0;
    state.over = true;
    // The requests before have moved the deadlines of the sessions that they have read.
    if (swept < sessions / 2 - BATCHES * REQUESTS || swept === 0) {
      throw new Error(`${swept} of ${sessions} swept`);
    }
  };
  const sweeping = whole();
  while (!state.over) {
    await fill(backend, PER_TURN, () => {});
    await turn();
  }
  await sweeping;
  ticker.stop();
  return ticker;
}

/**
 * Nanoseconds of a request that reads one key of any of the sessions.
 * @param {import("../../src/index.ts").SessionTable} table
 */
async function timeRequests(table) {
  const { read } = await pages(tableStore({ table }));
  const place = places();
  return timeBatches(() => visit(read, `${KEY}=${cookieAt(place())}`).writableEnded);
}

/** The same for the plain Map, as far as one can read it: Map.get and JSON.parse. */
function timeMap() {
  const place = places();
  return timeBatches(() => {
    const handle = Buffer.from(cookieAt(place()), "base64url").toString("base64url", 0, 16);
    return JSON.parse(plain.texts.get(handle)?.slice(1) ?? "");
  });
}

/** @param {() => unknown} once */
function timeBatches(once) {
  const times = Array.from({ length: BATCHES }, () => {
    const start = performance.now();
    for (let i = 0; i < REQUESTS; i++) if (!once()) throw new Error("no answer");
    return ((performance.now() - start) * 1e6) / REQUESTS;
  });
  return median(times);
}

/** Places of sessions in an order that no cache foresees, the same in each run. */
function places() {
  let state = 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state % sessions;
  };
}

/** @param {number} at */
function cookieAt(at) {
  return cookies.toString("latin1", at * COOKIE_BYTES, (at + 1) * COOKIE_BYTES);
}

/** Bytes in use, without garbage. */
function memory() {
  for (let i = 0; i < 3; i++) globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function sizeOnDisk() {
  return statSync(join(folder, "data.mdb")).blocks * 512;
}
