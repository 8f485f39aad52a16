/** dynalite for tests: a server of DynamoDB's protocol, in memory or in a folder. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DynamoDB } from "@aws-sdk/client-dynamodb";
import type { DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import type { FragileServer } from "./faults.ts";
import { Server, freePort, temporaryFolder } from "./servers.ts";

const script = fileURLToPath(new URL("dynalite-child.mjs", import.meta.url));

export interface DynamodbServer {
  readonly url: string;
  stop(): Promise<void>;
}

export async function startDynalite(): Promise<DynamodbServer> {
  const child = spawn(process.execPath, [script], { stdio: ["pipe", "pipe", "inherit"] });
  const [port] = (await once(child.stdout, "data")) as [Buffer];
  return {
    url: `http://127.0.0.1:${String(port).trim()}`,
    async stop() {
      const ended = once(child, "exit");
      child.stdin.end();
      await ended;
    },
  };
}

/** Starts one that can be killed, and started again with what it had. */
export async function startOwnDynalite(): Promise<FragileServer> {
  const port = await freePort();
  const folder = temporaryFolder();
  const server = new Server(process.execPath, [script, `${port}`, join(folder, "data")], folder);
  const start = (): Promise<void> => server.start(async () => isUp(port));
  await start();
  return { port, server, restart: start, stop: () => server.stop() };
}

async function isUp(port: number): Promise<boolean> {
  const client = openDynamodb(`http://127.0.0.1:${port}`, { maxAttempts: 1 });
  try {
    await client.listTables();
    return true;
  } finally {
    client.destroy();
  }
}

export function openDynamodb(endpoint: string, options: DynamoDBClientConfig = {}): DynamoDB {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  return new DynamoDB({ endpoint, region: "test", credentials, ...options });
}

/** Makes a table as docs/stores/dynamodb.md says. */
export async function makeTable(client: DynamoDB, name: string): Promise<void> {
  await client.createTable({
    TableName: name,
    KeySchema: [{ AttributeName: "handle", KeyType: "HASH" }],
    AttributeDefinitions: [{ AttributeName: "handle", AttributeType: "S" }],
    BillingMode: "PAY_PER_REQUEST",
  });
  // dynalite makes it in a later turn.
  for (;;) {
    const { Table } = await client.describeTable({ TableName: name });
    if (Table?.TableStatus === "ACTIVE") return;
  }
}
