/** Sessions in Amazon DynamoDB, through a client of the AWS SDK for JavaScript 3 that you already have. */
import { refuseUnknownOptions } from "../core/errors.ts";
import type { SessionRow, SessionTable } from "../core/store.ts";
import { anotherQuestion } from "./_another-question.ts";
import { judged } from "./_database-error.ts";
import {
  LONGER,
  LONGEST,
  itemOf,
  keyOf,
  markRemovalOf,
  numberOf,
  removalOf,
  toRow,
} from "./dynamodb/items.ts";
import type { DynamodbItem, FoundItem } from "./dynamodb/items.ts";
import { isRefusal } from "./dynamodb/refusals.ts";
import { checkClient, checkTable } from "./dynamodb/set-up.ts";

type Answer<T> = Promise<{ readonly [Part in keyof T]?: T[Part] | undefined }>;

interface Condition {
  TableName: string;
  ConditionExpression: string;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: DynamodbItem;
  ReturnValuesOnConditionCheckFailure: "ALL_OLD";
}

/** The part of the SDK's client `DynamoDB` that the table calls. */
export interface DynamodbClient {
  getItem(input: {
    TableName: string;
    Key: DynamodbItem;
    ConsistentRead: true;
  }): Answer<{ Item: FoundItem }>;
  batchGetItem(input: {
    RequestItems: Record<string, { Keys: DynamodbItem[]; ConsistentRead: true }>;
  }): Answer<{
    Responses: Record<string, FoundItem[]>;
    UnprocessedKeys: Record<string, { readonly Keys: FoundItem[] | undefined }>;
  }>;
  putItem(input: Condition & { Item: DynamodbItem }): Promise<unknown>;
  updateItem(input: Condition & { Key: DynamodbItem; UpdateExpression: string }): Promise<unknown>;
}

/** Options of {@link dynamodbTable}. */
export interface DynamodbTableOptions {
  /** The table's name. Default `"sojourn_sessions"`. */
  readonly table?: string | undefined;
}

/**
 * Makes a table in Amazon DynamoDB. Its key is the text `handle`, and DynamoDB removes rows by the attribute
 * `removed_at`. A read and a write take one request each. Reads are consistent.
 * @throws ERR_SESSION_CONFIG for anything but a client `DynamoDB` of `@aws-sdk/client-dynamodb`
 * @example
 * ```ts
 * import { DynamoDB } from "@aws-sdk/client-dynamodb";
 * import { tableStore } from "sojourn";
 * import { dynamodbTable } from "sojourn/dynamodb";
 *
 * const store = tableStore({ table: dynamodbTable(new DynamoDB({}), { table: "sessions" }) });
 * ```
 */
export function dynamodbTable(
  client: DynamodbClient,
  options: DynamodbTableOptions = {},
): SessionTable {
  const { table = "sojourn_sessions", ...others } = options;
  refuseUnknownOptions("dynamodbTable", others, ["table"]);
  checkTable(table);
  checkClient(client);
  const get = async (key: string): Promise<SessionRow | undefined> => {
    const { Item } = await safely(
      client.getItem({ TableName: table, Key: keyOf(key), ConsistentRead: true }),
    );
    return Item && toRow(key, Item);
  };
  /** Gives the row of a conflict: of the answer, or of one more read where the server sends no row with a conflict. */
  const current = async (key: string, conflict: Conflict): Promise<SessionRow | undefined> =>
    conflict.Item ? toRow(key, conflict.Item) : get(key);
  const condition = (ConditionExpression: string, ExpressionAttributeValues?: DynamodbItem) => ({
    TableName: table,
    ConditionExpression,
    ...(ExpressionAttributeValues && { ExpressionAttributeValues }),
    ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const,
  });
  return {
    maxValue: LONGEST,
    get,
    async getMany(keys) {
      const found = new Map<string, SessionRow | undefined>();
      // DynamoDB may leave keys for the next call, because an answer holds 16 MB. It answers at least one, or fails.
      for (let left = keys; left.length > 0;) {
        const Keys = left.map(keyOf);
        const { Responses, UnprocessedKeys } = await safely(
          client.batchGetItem({ RequestItems: { [table]: { Keys, ConsistentRead: true } } }),
        );
        const unread = new Set(UnprocessedKeys?.[table]?.Keys?.map(({ handle }) => handle?.S));
        const items = new Map(Responses?.[table]?.map((item) => [item["handle"]?.S, item]));
        const answered = left.filter((key) => !unread.has(key));
        for (const key of answered) {
          const item = items.get(key);
          found.set(key, item && toRow(key, item));
          items.delete(key);
        }
        if (!Responses || items.size > 0 || answered.length === 0) throw anotherQuestion();
        left = left.filter((key) => unread.has(key));
      }
      return [...found];
    },
    async insert(key, row) {
      const Item = itemOf(key, row);
      // A mark is an item too, so that an insert meets it.
      const put = client.putItem({ ...condition("attribute_not_exists(handle)"), Item });
      return (await conflictOf(put)) === undefined;
    },
    async replace(key, version, row) {
      const same = condition("version = :version", { ":version": numberOf(version) });
      const conflict = await conflictOf(client.putItem({ ...same, Item: itemOf(key, row) }));
      return conflict ? ((await current(key, conflict)) ?? "gone") : "done";
    },
    async touch(key, version, expiresAt) {
      const conflict = await conflictOf(
        client.updateItem({
          ...condition("version = :version AND expires_at < :deadline", {
            ":version": numberOf(version),
            ":deadline": numberOf(expiresAt),
            ":removal": removalOf(expiresAt),
          }),
          Key: keyOf(key),
          UpdateExpression: "SET expires_at = :deadline, removed_at = :removal",
        }),
      );
      if (!conflict) return "done";
      const row = await current(key, conflict);
      if (!row) return "gone";
      return row.version === version ? "done" : "conflict";
    },
    async delete(key, version, now) {
      // The SDK sends a request again by itself, so that an insert may arrive after this. A mark stays for it to meet.
      const sameVersion =
        version === undefined ? "attribute_exists(version)" : "version = :version";
      const removal = now === undefined ? "removed_at + :removal" : ":removal";
      const conflict = await conflictOf(
        client.updateItem({
          ...condition(sameVersion, {
            ...(version !== undefined && { ":version": numberOf(version) }),
            ":removal": now === undefined ? LONGER : markRemovalOf(now),
          }),
          Key: keyOf(key),
          UpdateExpression: `SET removed_at = ${removal} REMOVE #value, version, expires_at`,
          ExpressionAttributeNames: { "#value": "value" },
        }),
      );
      if (!conflict) return "done";
      return (version === undefined ? undefined : await current(key, conflict)) ?? "gone";
    },
  };
}

/** A write whose condition did not hold, with the item as it is, if the server sends it. */
interface Conflict {
  readonly Item?: FoundItem | undefined;
}

/** Waits for a write. Gives `undefined` if it was made. */
async function conflictOf(write: Promise<unknown>): Promise<Conflict | undefined> {
  try {
    await write;
    return undefined;
  } catch (error) {
    if ((error as Error).name === "ConditionalCheckFailedException") return error as Conflict;
    throw judged(error, isRefusal);
  }
}

async function safely<T>(answer: Promise<T>): Promise<T> {
  return answer.catch((error: unknown) => {
    throw judged(error, isRefusal);
  });
}
