/** workerd for tests, with the worker of worker.ts in three isolates. */
import { existsSync, mkdtempSync, statfsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { load } from "../../tools/load.mjs";
import { Server, freePort, temporaryFolder } from "../servers/servers.ts";

const tools = fileURLToPath(new URL("../../tools/node_modules/", import.meta.url));
const isNewer = Number(process.versions.node.split(".")[0]) >= 22;
/** Cloudflare's tool needs Node 22. */
const node = isNewer ? process.execPath : `${tools}node24/bin/node`;

/** workerd comes from npm, for Linux on x64 alone as far as these tests go. */
export const hasWorkerd: boolean =
  existsSync(node) && existsSync(`${tools}@cloudflare/workerd-linux-64`);

export interface Workerd {
  readonly url: string;
  readonly port: number;
  readonly server: Server;
  /** Asks the worker, and gives its answer. */
  ask(path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  /** Starts it again after a kill. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startWorkerd(): Promise<Workerd> {
  const folder = quickFolder();
  const { build } = (await load("esbuild")) as { build(options: object): Promise<unknown> };
  await build({
    entryPoints: [fileURLToPath(new URL("worker.ts", import.meta.url))],
    outfile: join(folder, "worker.mjs"),
    bundle: true,
    format: "esm",
    platform: "node",
    external: ["cloudflare:workers"],
    logLevel: "error",
  });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const script = fileURLToPath(new URL("workerd-child.mjs", import.meta.url));
  const server = new Server(node, [script, `${port}`, folder], folder);
  const start = (): Promise<void> =>
    server.start(async () => {
      await fetch(`${url}/set-up`);
      return true;
    });
  await start();
  const ask = async (
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Response> =>
    fetch(url + path, {
      headers,
      ...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
    });
  return { url, port, server, ask, restart: start, stop: () => server.stop() };
}

/** Each Durable Object is a file of its own, which a disk makes in 30 ms. */
function quickFolder(): string {
  const memory = "/dev/shm";
  if (!existsSync(memory)) return temporaryFolder();
  const { bavail, bsize } = statfsSync(memory);
  return bavail * bsize > 2 ** 31
    ? mkdtempSync(join(memory, "sojourn-server-"))
    : temporaryFolder();
}
