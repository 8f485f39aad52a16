import { configError, describe } from "../../core/errors.ts";

const METHODS = ["getItem", "batchGetItem", "putItem", "updateItem"] as const;

/** @throws ERR_SESSION_CONFIG for anything but a client `DynamoDB` of the SDK 3 */
export function checkClient(client: unknown): void {
  if (typeof client === "object" && client !== null) {
    const methods = client as Readonly<Record<string, unknown>>;
    // The client of the SDK 2 has the same methods, which answer in another shape. It has no `send`.
    if (["send", ...METHODS].every((name) => typeof methods[name] === "function")) return;
  }
  throw configError(
    "dynamodbTable takes the client DynamoDB of @aws-sdk/client-dynamodb 3, for example dynamodbTable(new DynamoDB({})). " +
      "A DynamoDBClient and a DynamoDBDocument lack its methods, and the client of the SDK 2 answers in another shape",
  );
}

/** @throws ERR_SESSION_CONFIG if it is no name of a table */
export function checkTable(table: unknown): void {
  if (typeof table === "string" && /^[\w.-]{3,255}$/.test(table)) return;
  throw configError(
    `table must be a name of 3 to 255 letters, digits, "_", "-" and ".", got ${describe(table)}`,
  );
}
