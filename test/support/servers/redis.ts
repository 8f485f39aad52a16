/** Redis or Valkey for tests: alone, as a Cluster, behind Sentinel. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { partPath } from "../../setup/parts.ts";
import { Server, freePort, temporaryFolder, until } from "./servers.ts";

/** The program, where the machine has it; what stops, kills or clusters servers cannot do without. */
export const redisProgram: string | undefined = partPath("redis-server");

/** A server that others run, instead of one that is started here. */
const given = process.env["SOJOURN_TEST_REDIS_URL"];

/** Whether there is any Redis to test with. */
export const hasRedis: boolean = given !== undefined || redisProgram !== undefined;

export interface RedisServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** A server for tests that leave it alone: every one has its own prefix. */
export async function someRedis(): Promise<RedisServer> {
  return given === undefined ? startRedis() : { url: given, stop: async () => {} };
}

export interface OwnRedis extends RedisServer {
  readonly port: number;
  readonly server: Server;
  /** Starts it again after a kill. */
  restart(): Promise<void>;
}

/** @param more options, in pairs of name and value */
export async function startRedis(more: readonly string[] = []): Promise<OwnRedis> {
  const port = await freePort();
  const folder = temporaryFolder();
  const options = ["--port", `${port}`, "--bind", "127.0.0.1", "--dir", folder, "--save", ""];
  const server = new Server(program(), [...options, ...more], folder);
  const start = (): Promise<void> =>
    server.start(async () => (await ask(port, "PING")) === "+PONG");
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    server,
    restart: start,
    stop: () => server.stop(),
  };
}

/** An acknowledged write is on the disk. */
export const DURABLE: readonly string[] = ["--appendonly", "yes", "--appendfsync", "always"];

export interface RedisGroup {
  readonly nodes: readonly OwnRedis[];
  stop(): Promise<void>;
}

/** Three primaries and three replicas. */
export async function startCluster(): Promise<RedisGroup> {
  const options = {
    "--cluster-enabled": "yes",
    "--cluster-config-file": "nodes.conf",
    "--cluster-node-timeout": "1000",
    "--cluster-announce-ip": "127.0.0.1",
    "--repl-diskless-sync-delay": "0",
  };
  const nodes = await Promise.all(
    Array.from({ length: 6 }, () => startRedis(Object.entries(options).flat())),
  );
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
  const args = ["--cluster", "create", ...addresses, "--cluster-replicas", "1", "--cluster-yes"];
  execFileSync(program().replace(/-server$/, "-cli"), args, { stdio: "ignore" });
  await until("a complete cluster", async () => {
    const states = await Promise.all(nodes.map(({ port }) => ask(port, "CLUSTER INFO")));
    const known = await Promise.all(nodes.map(({ port }) => ask(port, "CLUSTER NODES")));
    return (
      states.every((text) => text.includes("cluster_state:ok")) &&
      known.every((text) => (text.match(/slave /g) ?? []).length === 3) &&
      (await areSynced(nodes))
    );
  });
  return { nodes, stop: () => stopAll(nodes) };
}

/** The node that holds a key's slot, by what the others say; `undefined` while nobody does. */
export async function primaryOf(
  nodes: readonly OwnRedis[],
  key: string,
): Promise<OwnRedis | undefined> {
  for (const { port } of nodes) {
    const slot = await ask(port, `CLUSTER KEYSLOT ${key}`).catch(() => undefined);
    const lines = (await ask(port, "CLUSTER NODES").catch(() => "")).split("\n");
    const holder = lines.find(
      (line) => /master/.test(line) && !/fail/.test(line) && holds(line, Number(slot?.slice(1))),
    );
    const at = /127\.0\.0\.1:(\d+)@/.exec(holder ?? "")?.[1];
    if (at) return nodes.find((node) => node.port === Number(at));
  }
  return undefined;
}

function holds(line: string, slot: number): boolean {
  return line
    .split(" ")
    .slice(8)
    .map((range) => range.split("-").map(Number))
    .some(([from = 0, to = from]) => slot >= from && slot <= to);
}

export interface Sentinels extends RedisGroup {
  readonly primary: OwnRedis;
  readonly name: string;
  readonly sentinels: readonly { readonly host: string; readonly port: number }[];
}

/** One primary, two replicas, three sentinels. */
export async function startSentinels(): Promise<Sentinels> {
  const name = "sessions";
  const primary = await startRedis();
  const replicaOptions = [
    "--replicaof",
    `127.0.0.1 ${primary.port}`,
    "--repl-diskless-sync-delay",
    "0",
  ];
  const replicas = [await startRedis(replicaOptions), await startRedis(replicaOptions)];
  const watchers: { port: number; server: Server }[] = [];
  for (let i = 0; i < 3; i++) {
    const port = await freePort();
    const folder = temporaryFolder();
    const lines = [
      `port ${port}`,
      "bind 127.0.0.1",
      `dir ${folder}`,
      `sentinel monitor ${name} 127.0.0.1 ${primary.port} 2`,
      `sentinel down-after-milliseconds ${name} 500`,
      `sentinel failover-timeout ${name} 3000`,
    ];
    writeFileSync(join(folder, "sentinel.conf"), lines.join("\n"));
    const server = new Server(program(), [join(folder, "sentinel.conf"), "--sentinel"], folder);
    await server.start(async () => (await ask(port, "PING")) === "+PONG");
    watchers.push({ port, server });
  }
  await until("sentinels that know each other and both replicas", async () => {
    const views = await Promise.all(
      watchers.map(({ port }) => ask(port, `SENTINEL MASTER ${name}`)),
    );
    const complete = /num-slaves\r\n\$1\r\n2\r\n.*num-other-sentinels\r\n\$1\r\n2\r\n/s;
    return views.every((view) => complete.test(view)) && (await areSynced(replicas));
  });
  return {
    name,
    primary,
    nodes: [primary, ...replicas],
    sentinels: watchers.map(({ port }) => ({ host: "127.0.0.1", port })),
    stop: async () => {
      await Promise.all(watchers.map(({ server }) => server.stop()));
      await stopAll([primary, ...replicas]);
    },
  };
}

/** Whether every replica among them has what its primary had, and gets what comes. */
async function areSynced(nodes: readonly OwnRedis[]): Promise<boolean> {
  const states = await Promise.all(nodes.map(({ port }) => ask(port, "INFO replication")));
  return states.every((text) => /role:master|master_link_status:up/.test(text));
}

async function stopAll(nodes: readonly OwnRedis[]): Promise<void> {
  await Promise.all(nodes.map((node) => node.stop()));
}

function program(): string {
  if (redisProgram === undefined) throw new Error("there is no redis-server on this machine");
  return redisProgram;
}

/** One question over a connection of its own, in the server's simplest protocol; gives the raw answer. */
export function ask(port: number, command: string): Promise<string> {
  // Whatever the answer looks like, it has ended when the one to the PING behind it comes.
  const end = /(?:^|\r\n)(?:\+PONG|-(?:LOADING|NOAUTH|MISCONF).*)\r\n$/;
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(`${command}\r\nPING\r\n`));
    let answer = "";
    socket.setTimeout(1000, () => socket.destroy(new Error(`no answer to ${command}`)));
    socket.on("error", reject);
    socket.on("close", () => reject(new Error(`no whole answer to ${command}`)));
    socket.on("data", (chunk) => {
      answer += chunk.toString();
      if (!end.test(answer)) return;
      resolve(command === "PING" ? "+PONG" : answer.replace(end, ""));
      socket.destroy();
    });
  });
}
