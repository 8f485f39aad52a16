import { describe } from "vitest";
import { createTable } from "../../../src/tables/named-tables.ts";
import { testTable } from "../../contracts/tables/whole-table.ts";

describe("the memory table", () => {
  testTable(() => ({ table: createTable() }), {
    sequences: 500,
    notShown: ["getMany", "second handle", "several processes", "killed", "restart", "fails"],
  });
});
