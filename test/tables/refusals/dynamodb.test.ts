import { randomUUID } from "node:crypto";
import { describe } from "vitest";
import { dynamodbTable } from "../../../src/tables/dynamodb.ts";
import { testNoRefusal, testRefusals } from "../../contracts/tables/refusals.ts";
import type { RefusalCase, Refusing } from "../../contracts/tables/refusals.ts";
import { makeTable, openDynamodb, startDynalite } from "../../support/servers/dynalite.ts";
import { Proxy } from "../../support/servers/proxy.ts";

interface RefusingDynamodb extends Refusing {
  /** Makes the writes go to a table of this name. */
  writeTo(table: string): void;
  readonly proxy: Proxy;
  readonly name: string;
}

const toAMissingTable: RefusalCase<RefusingDynamodb>[1] = async (opened) => {
  opened.writeTo("missing");
  return () => opened.writeTo(opened.name);
};

const CASES: readonly RefusalCase<RefusingDynamodb>[] = [
  ["a table that is missing", toAMissingTable, { name: "ResourceNotFoundException" }],
  [
    "a name that cannot be one",
    async (opened) => {
      opened.writeTo("?");
      return () => opened.writeTo(opened.name);
    },
    { name: "ValidationException" },
  ],
];

const open = async (): Promise<RefusingDynamodb> => {
  const server = await startDynalite();
  const name = `test_${randomUUID()}`;
  const proxy = await Proxy.before(Number(new URL(server.url).port));
  const client = openDynamodb(`http://127.0.0.1:${proxy.port}`);
  await makeTable(client, name);
  let writes = name;
  const routed = {
    send: () => {},
    getItem: client.getItem.bind(client),
    batchGetItem: client.batchGetItem.bind(client),
    putItem: (input: Parameters<typeof client.putItem>[0]) =>
      client.putItem({ ...input, TableName: writes }),
    updateItem: client.updateItem.bind(client),
  };
  return {
    table: dynamodbTable(routed, { table: name }),
    calls: proxy,
    proxy,
    name,
    writeTo: (table) => (writes = table),
    async close() {
      client.destroy();
      await proxy.close();
      await server.stop();
    },
  };
};

describe("DynamoDB over dynalite, which refuses", () => {
  testRefusals(open, CASES);
  testNoRefusal(open, [
    "a refusal of what the SDK has sent for the second time",
    async (opened) => {
      opened.writeTo("missing");
      opened.proxy.cutNext("before the answer", "PutItem");
      return () => opened.writeTo(opened.name);
    },
    { name: "ResourceNotFoundException" },
  ]);
});
