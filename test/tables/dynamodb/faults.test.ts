import { describe } from "vitest";
import { dynamodbTable } from "../../../src/tables/dynamodb.ts";
import { testFaults } from "../../support/servers/faults.ts";
import { makeTable, openDynamodb, startOwnDynalite } from "../../support/servers/dynalite.ts";

const table = "sojourn_sessions";

describe("DynamoDB's protocol by the AWS SDK with faults", () => {
  testFaults({
    name: "the AWS SDK",
    givesUp: true,
    async start() {
      const own = await startOwnDynalite();
      const client = openDynamodb(`http://127.0.0.1:${own.port}`);
      await makeTable(client, table);
      client.destroy();
      return own;
    },
    async open(port, patience) {
      const client = openDynamodb(`http://127.0.0.1:${port}`, {
        maxAttempts: 2,
        requestHandler: {
          connectionTimeout: patience,
          requestTimeout: patience,
          throwOnRequestTimeout: true,
        },
      });
      return { table: dynamodbTable(client, { table }), close: () => client.destroy() };
    },
  });
});
