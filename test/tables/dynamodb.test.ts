/** The table of DynamoDB over dynalite: contract, store, orders, requests, what a server sends, set-up. */
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import type { DynamoDB } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dynamodbTable } from "../../src/tables/dynamodb.ts";
import type { DynamodbClient } from "../../src/tables/dynamodb.ts";
import { HOUR, LATER, NOW, newKey, row, times } from "../../src/testing/contract/case.ts";
import { tableContract } from "../../src/testing/contract/table-contract.ts";
import { PAIRS, explore } from "../contracts/interleavings/interleavings.ts";
import { testRoundTrips } from "../contracts/tables/round-trips.ts";
import { World, handleOf, read } from "../contracts/tables/store-world.ts";
import { testTable } from "../contracts/tables/whole-table.ts";
import { makeTable, openDynamodb, startDynalite } from "../support/servers/dynalite.ts";
import type { DynamodbServer } from "../support/servers/dynalite.ts";
import { Proxy } from "../support/servers/proxy.ts";
import { contractChild } from "../support/tables/contract-child.ts";

const table = `test_${randomUUID()}`;
let server: DynamodbServer;
let client: DynamoDB;
let second: DynamoDB;
beforeAll(async () => {
  server = await startDynalite();
  client = openDynamodb(server.url);
  second = openDynamodb(server.url);
  await makeTable(client, table);
});
afterAll(async () => {
  client?.destroy();
  second?.destroy();
  await server?.stop();
});

/** The client with some methods of a test's own. */
function clientWith(methods: Partial<DynamodbClient>): DynamodbClient {
  const bound = {
    send: () => {},
    getItem: (input) => client.getItem(input),
    batchGetItem: (input) => client.batchGetItem(input),
    putItem: (input) => client.putItem(input),
    updateItem: (input) => client.updateItem(input),
  } satisfies DynamodbClient & { send: unknown };
  return Object.assign(bound, methods);
}

describe("the DynamoDB table over dynalite", () => {
  const open = () => ({
    table: dynamodbTable(client, { table }),
    other: dynamodbTable(second, { table }),
    child: contractChild("dynamodb", server.url, table),
    sendsAgain: true,
  });
  testTable(open, {
    async failing() {
      const proxy = await Proxy.before(Number(new URL(server.url).port));
      const behind = openDynamodb(`http://127.0.0.1:${proxy.port}`);
      return {
        table: dynamodbTable(behind, { table }),
        fail: () => proxy.close(),
        close: () => behind.destroy(),
      };
    },
    notShown: ["sweep"],
  });

  it.each(PAIRS.map((kinds) => [kinds.join(" || "), kinds] as const))(
    'L5: the requests "%s" keep the laws in every order of their table calls',
    async (_title, kinds) => {
      const { runs, violations } = await explore(open().table, kinds, "alice");
      expect(runs).toBeGreaterThan(5);
      expect([...new Set(violations)]).toEqual([]);
    },
    60_000,
  );

  testRoundTrips({
    url: () => server.url,
    async count(url) {
      const counted = openDynamodb(url);
      return { table: dynamodbTable(counted, { table }), close: () => counted.destroy() };
    },
    elsewhere: () => dynamodbTable(client, { table }),
    conflict: 3,
  });

  it("the table keeps its contract, and reads nothing again, if the server sends the row with a conflict", async () => {
    let reads = 0;
    const sendRow = async (
      key: Parameters<DynamodbClient["getItem"]>[0]["Key"],
      write: Promise<unknown>,
    ) =>
      write.catch(async (error: unknown) => {
        const { Item } = await client.getItem({ TableName: table, Key: key, ConsistentRead: true });
        throw Item === undefined ? error : Object.assign(error as object, { Item });
      });
    const telling = clientWith({
      getItem: (input) => (reads++, client.getItem(input)),
      putItem: (input) =>
        sendRow({ handle: input.Item["handle"] ?? { S: "" } }, client.putItem(input)),
      updateItem: (input) => sendRow(input.Key, client.updateItem(input)),
    });
    const own = dynamodbTable(telling, { table });
    for (const [, run] of tableContract(() => ({ table: own, sendsAgain: true }))) await run();
    const key = newKey();
    await own.insert(key, row("a", 1), NOW);
    reads = 0;
    expect(await own.replace(key, 2, row("b", 3), NOW)).toEqual(row("a", 1));
    expect(await own.touch(key, 2, LATER + 1, NOW)).toBe("conflict");
    expect(await own.delete(key, 2, NOW)).toEqual(row("a", 1));
    expect(await own.delete(key, 1, NOW)).toBe("done");
    expect(await own.replace(key, 1, row("b", 3), NOW)).toBe("gone");
    expect(reads).toBe(0);
  }, 60_000);

  it.each(["before the request", "before the answer"] as const)(
    "L5: the SDK sends again what a cut %s has lost, and each write is made once",
    async (when) => {
      const proxy = await Proxy.before(Number(new URL(server.url).port));
      const behind = openDynamodb(`http://127.0.0.1:${proxy.port}`);
      const world = new World(dynamodbTable(behind, { table }));
      const sessions = world.process();
      const one = world.browser(sessions);
      const cut = async (request: string, act: Parameters<typeof one.visit>[0]): Promise<void> => {
        proxy.cutNext(when, `DynamoDB_20120810.${request}`);
        await one.visit(act);
        expect(proxy.cutting).toBe(false);
      };
      await cut("PutItem", (conn) => sessions.putSession(conn, "n", 1));
      expect(await read(one)).toEqual({ n: 1 });
      await cut("PutItem", (conn) => sessions.updateSession(conn, "n", (n) => Number(n) + 1));
      expect(await read(one)).toEqual({ n: 2 });
      await cut("GetItem", (conn) => sessions.updateSession(conn, "n", (n) => Number(n) + 1));
      expect(await read(one)).toEqual({ n: 3 });
      const handle = handleOf(one);
      await cut("UpdateItem", (conn) => sessions.dropSession(conn));
      expect(await open().table.get(handle)).toBeUndefined();
      expect(await open().table.insert(handle, row("late", 1), NOW)).toBe(false);
      behind.destroy();
      await proxy.close();
    },
  );

  it("the server may remove a row five minutes after its deadline, and a mark fifteen minutes later", async () => {
    const own = open().table;
    const key = newKey();
    const seconds = async (): Promise<number> => {
      const { Item } = await client.getItem({ TableName: table, Key: { handle: { S: key } } });
      return Number(Item?.["removed_at"]?.N);
    };
    await own.insert(key, row("a", 1, NOW + HOUR + 1), NOW);
    expect(await seconds()).toBe((NOW + HOUR) / 1000 + 301);
    await own.touch(key, 1, NOW + 2 * HOUR, NOW);
    expect(await seconds()).toBe((NOW + 2 * HOUR) / 1000 + 300);
    await own.touch(key, 1, NOW + HOUR, NOW);
    await own.touch(key, 2, NOW + 9 * HOUR, NOW);
    expect(await seconds()).toBe((NOW + 2 * HOUR) / 1000 + 300);
    await own.replace(key, 1, row("b", 2, NOW + HOUR), NOW);
    expect(await seconds()).toBe((NOW + HOUR) / 1000 + 300);
    await own.delete(key, 2, NOW);
    expect(await seconds()).toBe(NOW / 1000 + 1200);
    const other = newKey();
    await own.insert(other, row("a", 1, NOW + HOUR), NOW);
    await own.delete(other);
    const { Item } = await client.getItem({ TableName: table, Key: { handle: { S: other } } });
    expect(Item).toEqual({
      handle: { S: other },
      removed_at: { N: `${(NOW + HOUR) / 1000 + 1200}` },
    });
  });

  it("getMany asks again for the keys that the server has left", async () => {
    const keys = times(5, newKey);
    const own = open().table;
    for (const [i, key] of keys.entries()) if (i > 0) await own.insert(key, row(`${i}`, i), NOW);
    let calls = 0;
    const slow = clientWith({
      async batchGetItem({ RequestItems }) {
        calls++;
        const { Keys: [first, ...left] = [] } = RequestItems[table] ?? {};
        const Keys = first === undefined ? [] : [first];
        const answer = await client.batchGetItem({
          RequestItems: { [table]: { Keys, ConsistentRead: true } },
        });
        return { ...answer, UnprocessedKeys: left.length > 0 ? { [table]: { Keys: left } } : {} };
      },
    });
    const pairs = await dynamodbTable(slow, { table }).getMany?.(keys);
    expect(new Map(pairs)).toEqual(
      new Map(keys.map((key, i) => [key, i > 0 ? row(`${i}`, i) : undefined])),
    );
    expect(calls).toBe(5);
  });

  it("getMany fails if the server leaves all keys, or answers nothing", async () => {
    const keys = [newKey()];
    const Keys = keys.map((key) => ({ handle: { S: key } }));
    for (const answer of [
      { Responses: { [table]: [] }, UnprocessedKeys: { [table]: { Keys } } },
      {},
    ]) {
      const own = dynamodbTable(clientWith({ batchGetItem: async () => answer }), { table });
      await expect(own.getMany?.(keys)).rejects.toThrow(/another question/);
    }
  });

  it("L2: an answer to another question is an error, and not a session that is gone", async () => {
    const [asked = "", other = ""] = times(2, newKey);
    for (const key of [asked, other]) await open().table.insert(key, row(key, 1), NOW);
    const Key = { handle: { S: other } };
    const mixed = clientWith({
      getItem: (input) => client.getItem({ ...input, Key }),
      batchGetItem: () =>
        client.batchGetItem({ RequestItems: { [table]: { Keys: [Key], ConsistentRead: true } } }),
    });
    const own = dynamodbTable(mixed, { table });
    await expect(own.get(asked)).rejects.toThrow(/another question/);
    await expect(own.getMany?.([asked])).rejects.toThrow(/another question/);
    await expect(own.replace(asked, 2, row("b", 3), NOW)).rejects.toThrow(/another question/);
    await expect(own.delete(asked, 2)).rejects.toThrow(/another question/);
  });

  it("L2: an item that is no row is an error, and not a session that is gone", async () => {
    const key = newKey();
    await client.putItem({
      TableName: table,
      Item: { handle: { S: key }, version: { N: "1" }, value: { B: Buffer.from("a") } },
    });
    await expect(open().table.get(key)).rejects.toThrow(/not one that dynamodbTable has written/);
  });
});

describe("L21: an error of the DynamoDB table", () => {
  let broken: Server;
  beforeAll(async () => {
    const text = '{"Item":{"handle":{"S":"4111"},"value":{"S":"4111 1111"';
    broken = createServer((_request, response) => {
      response.writeHead(200, { "content-type": "application/x-amz-json-1.0" }).end(text);
    });
    await new Promise<void>((resolve) => void broken.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => void broken?.close());

  const all = (error: unknown): string => inspect(error, { depth: 20, showHidden: true });

  it("it tells nothing of the row if the server refuses a write", async () => {
    const nowhere = dynamodbTable(client, { table: "nowhere" });
    const written = Promise.resolve(nowhere.insert(newKey(), row("4111", 1), NOW));
    const error: unknown = await written.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ cause: { name: "ResourceNotFoundException" } });
    expect(all(error)).not.toContain("4111");
  });

  it("it tells nothing of the row if an answer breaks off", async () => {
    const { port } = broken.address() as AddressInfo;
    const other = openDynamodb(`http://127.0.0.1:${port}`);
    const found = Promise.resolve(dynamodbTable(other, { table }).get("4111"));
    const error: unknown = await found.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Error);
    expect(all(error)).not.toContain("4111 1111");
    expect(error).not.toHaveProperty("$response");
    other.destroy();
  });
});

describe("the set-up of a DynamoDB table", () => {
  const config = expect.objectContaining({ code: "ERR_SESSION_CONFIG" });
  const never = (): never => {
    throw new Error("nobody has used a session yet");
  };
  const methods = { getItem: never, batchGetItem: never, putItem: never, updateItem: never };

  it("dynamodbTable calls no method of the client", () => {
    expect(() => dynamodbTable({ send: never, ...methods } as DynamodbClient)).not.toThrow();
  });

  it("dynamodbTable refuses what is no client DynamoDB of the SDK 3, and says what to pass", () => {
    const others: unknown[] = [
      undefined,
      null,
      "eu-central-1",
      {},
      () => {},
      { send: never }, // DynamoDBClient
      { send: never, get: never, put: never, update: never }, // DynamoDBDocument
      methods, // the SDK 2
    ];
    for (const other of others) {
      expect(() => dynamodbTable(other as DynamodbClient)).toThrow(config);
      expect(() => dynamodbTable(other as DynamodbClient)).toThrow(/new DynamoDB\(\{\}\)/);
    }
  });

  it("dynamodbTable refuses options that it does not know, and names that are none", () => {
    expect(() => dynamodbTable(client, { prefix: "a" } as object)).toThrow(config);
    for (const name of ["", "ab", "a b c", "a/b", "äöü", "a".repeat(256), 5]) {
      expect(() => dynamodbTable(client, { table: name as string })).toThrow(config);
    }
  });
});
