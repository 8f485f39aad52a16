// workerd with D1 and Durable Objects, as Cloudflare's own tool starts it: node workerd-child.mjs <port> <folder>
// The rows are in the folder, and outlive this process. The tool needs Node 22.
import { join } from "node:path";
import process from "node:process";
import { load } from "../../tools/load.mjs";

const [port, folder = ""] = process.argv.slice(2);
const { Miniflare } = /** @type {any} */ (await load("miniflare"));

/** @param {string} name */
function worker(name) {
  const scriptName = name === "first" ? {} : { scriptName: "first" };
  return {
    name,
    modules: true,
    scriptPath: join(folder, "worker.mjs"),
    // The oldest that Sojourn runs with, and no other flag.
    compatibilityDate: "2024-09-23",
    compatibilityFlags: ["nodejs_compat"],
    d1Databases: { DB: "sessions" },
    durableObjects: {
      ROWS: { className: "WatchedRowObject", useSQLite: true, ...scriptName },
      OLD: { className: "SessionRowObject", useSQLite: false, ...scriptName },
    },
    kvNamespaces: { KV: "kv" },
    r2Buckets: { BUCKET: "bucket" },
    serviceBindings: name === "first" ? { second: "second", third: "third" } : {},
  };
}

const started = new Miniflare({
  port: Number(port),
  host: "127.0.0.1",
  cf: false,
  telemetry: { enabled: false },
  d1Persist: join(folder, "d1"),
  durableObjectsPersist: join(folder, "objects"),
  workers: ["first", "second", "third"].map(worker),
});
await started.ready;
process.on("SIGINT", () => void started.dispose().then(() => process.exit()));
