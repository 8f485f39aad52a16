// Sojourn as it was built: dist/ of this repository, or of the folder that BENCH_DIST names.
import { resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

const dist = process.env["BENCH_DIST"]
  ? pathToFileURL(`${resolve(process.env["BENCH_DIST"])}/`)
  : new URL("../../dist/", import.meta.url);

/**
 * One module of it; a process loads only what it measures.
 * @param {string} path without `.js`
 * @returns {Promise<any>}
 */
export const load = (path) => import(new URL(`${path}.js`, dist).href);

/** @type {typeof import("../../src/index.ts")} */
const sojourn = await load("index");

export const { cookieStore, createSessions, createTable, tableStore } = sojourn;
