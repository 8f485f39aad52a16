// Sojourn as it was built: dist/ of this repository, or of the folder that BENCH_DIST names.
import { resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

const dist = process.env["BENCH_DIST"]
  ? pathToFileURL(`${resolve(process.env["BENCH_DIST"])}/`)
  : new URL("../dist/", import.meta.url);

/** @type {typeof import("../src/index.ts")} */
const sojourn = await import(new URL("index.js", dist).href);
/** @type {typeof import("../src/adapters/express.ts")} */
const express = await import(new URL("adapters/express.js", dist).href);
/** @type {typeof import("../src/adapters/hono.ts")} */
const hono = await import(new URL("adapters/hono.js", dist).href);

export const { cookieStore, createSessions, createTable, tableStore } = sojourn;
export const expressSession = express.session;
export const honoSession = hono.session;
