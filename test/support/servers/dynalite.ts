/** dynalite for tests: a server of DynamoDB's protocol, in memory. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { DynamoDB } from "@aws-sdk/client-dynamodb";

export interface DynamodbServer {
  readonly url: string;
  stop(): Promise<void>;
}

export async function startDynalite(): Promise<DynamodbServer> {
  const script = new URL("dynalite-child.mjs", import.meta.url).pathname;
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

export function openDynamodb(endpoint: string): DynamoDB {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  return new DynamoDB({ endpoint, region: "test", credentials });
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
