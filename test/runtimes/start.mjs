// Builds the application and starts it in a runtime.
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { text } from "node:stream/consumers";

/**
 * What of a runtime matters here.
 * @typedef {object} Startable
 * @property {readonly string[]} serve
 * @property {import("../../scripts/runtimes.mjs").WorkerdSettings} [workerd]
 */

/**
 * Bundles the application as a deployment would; for workerd with its configuration.
 * @param {Startable} runtime
 * @param {string} into a folder
 * @param {string | undefined} secret
 * @returns {Promise<string>} the file to start
 */
export async function build(runtime, into, secret) {
  const { build: bundle } = /** @type {{ build(options: object): Promise<unknown> }} */ (
    // Installed here and not in the project.
    createRequire(import.meta.url)("esbuild")
  );
  const outfile = join(into, "application.mjs");
  await bundle({
    entryPoints: [join(import.meta.dirname, runtime.workerd ? "app.ts" : "serve.ts")],
    bundle: true,
    format: "esm",
    platform: "node",
    outfile,
    define: { SECRET: secret === undefined ? "undefined" : JSON.stringify(secret) },
    logLevel: "error",
  });
  if (!runtime.workerd) return outfile;
  const { date, flags } = runtime.workerd;
  const configuration = join(into, "workerd.capnp");
  writeFileSync(
    configuration,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [(name = "application", esModule = embed "application.mjs")],
    compatibilityDate = ${JSON.stringify(date)},
    compatibilityFlags = ${JSON.stringify(flags)},
  ))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`,
  );
  return configuration;
}

/** @typedef {{ readonly base: string, stop(): Promise<void> }} Running */

/**
 * Starts it; an application that does not come up rejects with what it printed.
 * @param {Startable} runtime
 * @param {string} file
 * @returns {Promise<Running>}
 */
export async function start({ serve: [program = "", ...args] }, file) {
  const child = spawn(program, [...args, file], {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    env: { NO_COLOR: "1" },
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  const printed = text(/** @type {import("node:stream").Readable} */ (child.stderr));
  const port = await new Promise((resolve) => {
    let said = "";
    // workerd says it on a pipe of its own, the others on their output.
    for (const stream of [child.stdout, child.stdio[3]]) {
      stream?.on("data", (/** @type {Buffer} */ chunk) => {
        said += chunk.toString();
        const [, found] = /(?:listening on |"port":)(\d+)/.exec(said) ?? [];
        if (found) resolve(found);
      });
    }
    void ended.then(() => resolve(undefined));
  });
  if (port === undefined) throw new Error(await printed);
  return {
    base: `http://127.0.0.1:${port}`,
    async stop() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
