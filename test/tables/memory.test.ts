import { describe, expect, it } from "vitest";
import { createTable } from "../../src/stores/named-tables.ts";
import { tableContract } from "../../src/testing/contract/table-contract.ts";
import { compareWithModel } from "../contract/table-model.ts";
import { revocableCookieContract } from "../contract/revocable-cookies.ts";
import { subjectsContract } from "../contract/subjects.ts";
import { tableStoreContract } from "../contract/table-store.ts";

describe("the memory table keeps the table contract:", () => {
  for (const [title, run] of tableContract(() => ({ table: createTable() }))) it(title, run);
});

describe("the table store over the memory table:", () => {
  for (const [title, run] of tableStoreContract(() => ({ table: createTable() }))) it(title, run);
});

describe("the sessions of a subject in the memory table:", () => {
  for (const [title, run] of subjectsContract(() => ({ table: createTable() }))) it(title, run);
});

describe("revocable cookies over the memory table:", () => {
  for (const [title, run] of revocableCookieContract(() => ({ table: createTable() })))
    it(title, run);
});

it("the memory table answers random sequences of verbs as a Map would", async () => {
  expect(await compareWithModel(createTable(), 500)).toBeGreaterThan(5_000);
});
